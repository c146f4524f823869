"use client";

import { useState } from "react";
import { AccountCode } from "@/features/names/account-link";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import type { Amount } from "@/lib/money";
import { AmountsHead } from "@/ui/amounts-head";
import { Button } from "@/ui/button";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import type { OpeningDetail, OpeningLine, OpeningTotal } from "./contract";

/** What the lines come to in each currency, and what is left for the business itself. */
export function Totals({ totals }: { totals: OpeningTotal[] }) {
  const withEquity = totals.some(({ equity_after }) => equity_after);
  const amounts = ["Debits", "Credits", "To opening equity", ...(withEquity ? ["Opening equity then"] : [])];
  return (
    <table className="ledger-table w-full border-collapse">
      <caption className="sr-only">Totals by currency</caption>
      <AmountsHead named="Currency" amounts={amounts} />
      <tbody className="divide-y divide-rule">
        {totals.map((total) => (
          <tr key={total.currency}>
            <td data-label="Currency" className="px-4 py-2 font-medium">
              {total.currency}
            </td>
            <Cell label="Debits" value={total.debit} />
            <Cell label="Credits" value={total.credit} />
            <Cell label="To opening equity" value={total.opening} isStrong />
            {total.equity_after && <Cell label="Opening equity then" value={total.equity_after} />}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type CellProps = { label: string; value: Amount | null; href?: string; isStrong?: boolean };

function Cell({ label, value, href, isStrong }: CellProps) {
  return (
    <td data-label={label} className="px-4 py-2 text-right">
      {value ? <Money value={value} href={href} className={isStrong ? "font-semibold" : undefined} /> : "—"}
    </td>
  );
}

/** So many lines are on the page at first; a whole list of customers is asked for. */
const MOST_AT_FIRST = 200;

type LinesProps = { found: OpeningDetail; isTyped?: boolean };

/**
 * Every line with what it brings to which account, the refused ones first; posted amounts open their entries.
 * Typed lines are counted from the first of them, where a file counts from the names of its columns.
 */
export function JudgedLines({ found, isTyped = false }: LinesProps) {
  const [showsAll, setShowsAll] = useState(false);
  const lines = [...found.lines].sort((one, other) => Number(!one.problem) - Number(!other.problem));
  const left = showsAll ? 0 : Math.max(lines.length - MOST_AT_FIRST, 0);
  const shown = left ? lines.slice(0, MOST_AT_FIRST) : lines;
  return (
    <>
      <table className="ledger-table w-full border-collapse">
        <caption className="sr-only">Lines</caption>
        <AmountsHead named="Line" amounts={["Debit", "Credit"]} />
        <tbody className="divide-y divide-rule">
          {shown.map((line) => (
            <LineRow key={line.number} line={line} number={isTyped ? line.number - 1 : line.number} />
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <p className="flex flex-wrap items-center justify-between gap-3 border-rule border-t px-4 py-3 text-soft">
          {left} more lines
          <Button onClick={() => setShowsAll(true)}>Show all {lines.length}</Button>
        </p>
      )}
    </>
  );
}

function LineRow({ line, number }: { line: OpeningLine; number: number }) {
  const href = line.entry_id ? `/ledger/entry/?id=${line.entry_id}` : undefined;
  return (
    <tr>
      <td data-label="Line" className="px-4 py-2">
        <div>
          <span className="figures mr-2 text-soft">{number}</span>
          <WhatFor line={line} />
          {line.problem && (
            <p className="text-failed text-sm">
              {line.column && <span className="font-medium">{line.column}: </span>}
              {line.problem}
            </p>
          )}
          {!line.problem && line.opens && !line.document && <p className="text-soft text-xs">New account</p>}
          {!line.problem && line.warning && <p className="text-sm text-waiting">Note: {line.warning}</p>}
        </div>
      </td>
      <Cell label="Debit" value={line.debit} href={href} />
      <Cell label="Credit" value={line.credit} href={href} />
    </tr>
  );
}

type DocumentProps = { line: OpeningLine; document: NonNullable<OpeningLine["document"]> };

/** An open invoice or bill: which, whose, when it is due, and what all of it came to when that is more. */
function OpenDocument({ line, document }: DocumentProps) {
  const locale = readerLocale();
  const name = `${line.kind === "bill" ? "Bill" : "Invoice"} ${document.number}`;
  const page = line.kind === "bill" ? "/bills/view/" : "/invoices/view/";
  const open = line.debit ?? line.credit;
  return (
    <span title={line.account_code ?? undefined}>
      {document.id ? (
        <Link href={`${page}?id=${document.id}`} className="underline underline-offset-4">
          {name}
        </Link>
      ) : (
        name
      )}
      {line.party_name && `, ${line.party_name}`}
      <span className="block text-soft text-xs">
        Of {formatPlainDay(document.issued_on, locale)}, due {formatPlainDay(document.due_on, locale)}
        {open && open.amount !== document.total.amount && (
          <>
            , in total <Money value={document.total} />
          </>
        )}
        {document.note && ` · ${document.note}`}
      </span>
    </span>
  );
}

function WhatFor({ line }: { line: OpeningLine }) {
  if (line.product) {
    return (
      <span title={line.account_code ?? undefined}>
        {line.quantity} × {line.product} in {line.warehouse}
      </span>
    );
  }
  if (line.document) return <OpenDocument line={line} document={line.document} />;
  if (line.party_name) {
    return (
      <span title={line.account_code ?? undefined}>
        {line.party_name}, {line.purse}
      </span>
    );
  }
  if (!line.account_code) return null;
  return <AccountCode id={line.account_code} code={line.account_code} />;
}
