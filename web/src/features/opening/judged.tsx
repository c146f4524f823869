"use client";

import { AccountCode } from "@/features/names/account-link";
import type { Amount } from "@/lib/money";
import { AmountsHead } from "@/ui/amounts-head";
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

type LinesProps = { found: OpeningDetail; isTyped?: boolean };

/**
 * Every line with what it brings to which account, the refused ones first; posted amounts open their entries.
 * Typed lines are counted from the first of them, where a file counts from the names of its columns.
 */
export function JudgedLines({ found, isTyped = false }: LinesProps) {
  const lines = [...found.lines].sort((one, other) => Number(!one.problem) - Number(!other.problem));
  return (
    <table className="ledger-table w-full border-collapse">
      <caption className="sr-only">Lines</caption>
      <AmountsHead named="Line" amounts={["Debit", "Credit"]} />
      <tbody className="divide-y divide-rule">
        {lines.map((line) => (
          <LineRow key={line.number} line={line} number={isTyped ? line.number - 1 : line.number} />
        ))}
      </tbody>
    </table>
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
          {!line.problem && line.opens && <p className="text-soft text-xs">New account</p>}
          {!line.problem && line.warning && <p className="text-sm text-waiting">Note: {line.warning}</p>}
        </div>
      </td>
      <Cell label="Debit" value={line.debit} href={href} />
      <Cell label="Credit" value={line.credit} href={href} />
    </tr>
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
