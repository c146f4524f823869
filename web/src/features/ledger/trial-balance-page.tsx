"use client";

import { Printer } from "lucide-react";
import { useThing } from "@/client/queries";
import { AccountCode, AccountLink } from "@/features/names/account-link";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { useUrlState } from "@/lib/url-state";
import { AmountsHead } from "@/ui/amounts-head";
import { Button, TableFiles } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { asOfSearch } from "./as-of";
import type { TrialBalance } from "./contract";

const DEFAULTS = { as_of: "", depth: "2" };
type View = typeof DEFAULTS;

export function TrialBalancePage() {
  const [view, change] = useUrlState(DEFAULTS);
  const trial = useThing<TrialBalance>("/ledger/trial-balance", { ...view });
  return (
    <>
      <PageHeader
        title="Trial balance"
        note={
          trial.data && `All entries effective up to the end of ${formatPlainDay(trial.data.as_of, readerLocale())}`
        }
        actions={
          <>
            {trial.data && (
              <TableFiles path="/reports/trial-balance/file" asked={{ as_of: trial.data.as_of, depth: view.depth }} />
            )}
            <Button icon={<Printer size={14} aria-hidden />} onClick={() => window.print()}>
              Print
            </Button>
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-end gap-3">
        <div className="w-48">
          <TextField
            label="As of"
            type="date"
            value={view.as_of}
            onChange={(event) => change({ as_of: event.target.value })}
          />
        </div>
        <Chips
          label="Depth"
          value={view.depth}
          onChange={(depth) => change({ depth })}
          options={[
            ["1", "Types"],
            ["2", "Groups"],
            ["3", "Accounts"],
            ["8", "Everything"],
          ]}
        />
      </div>
      {trial.isPending && <Skeleton lines={8} />}
      {trial.error && <ErrorState problem={trial.error} onRetry={() => trial.refetch()} />}
      {trial.data?.totals.length === 0 && (
        <EmptyState title="Nothing posted yet" why="The trial balance lists everything that has a balance." />
      )}
      <div className="space-y-6">
        {trial.data?.totals.map((total) => (
          <CurrencyTable key={total.currency} trial={trial.data} total={total} view={view} />
        ))}
      </div>
    </>
  );
}

type TableProps = { trial: TrialBalance; total: TrialBalance["totals"][number]; view: View };

function CurrencyTable({ trial, total, view }: TableProps) {
  const lines = trial.lines.filter((line) => line.currency === total.currency);
  const isBalanced = total.difference_minor === 0;
  return (
    <Sheet
      title={total.currency}
      flush
      actions={<State state={isBalanced ? "balanced" : "failed"} word={isBalanced ? "Balanced" : "Differs"} />}
    >
      <table className="ledger-table w-full border-collapse">
        <caption className="sr-only">Trial balance in {total.currency}</caption>
        <AmountsHead named="Account" amounts={["Debit", "Credit"]} />
        <tbody className="divide-y divide-rule">
          {lines.map((line) => (
            <TrialLine key={line.code} line={line} asOf={view.as_of} />
          ))}
          <tr className="h-10 font-semibold">
            <td data-label="" className="px-4 py-2">
              Total
            </td>
            <td data-label="Debit" className="px-4 py-2 text-right">
              <Money value={{ amount: total.debit_minor, currency: total.currency }} className="total-rule py-1" />
            </td>
            <td data-label="Credit" className="px-4 py-2 text-right">
              <Money value={{ amount: total.credit_minor, currency: total.currency }} className="total-rule py-1" />
            </td>
          </tr>
        </tbody>
      </table>
      {!isBalanced && (
        <p role="alert" className="p-4 font-medium text-failed">
          Difference <Money value={{ amount: total.difference_minor, currency: total.currency }} />. Run `specie
          verify`: it names the first row that is wrong.
        </p>
      )}
    </Sheet>
  );
}

type Line = TrialBalance["lines"][number];

function TrialLine({ line, asOf }: { line: Line; asOf: string }) {
  const href = pageOf(line, asOf);
  return (
    <tr className="h-10 hover:bg-well">
      <td data-label="Account" className="px-4 py-2">
        {line.account_id ? (
          <AccountLink id={line.account_id} code={line.code} />
        ) : (
          <Link href={href} className="hover:underline">
            <AccountCode id={line.code} code={line.code} />
          </Link>
        )}
      </td>
      <Side label="Debit" minor={line.debit_minor} currency={line.currency} href={href} />
      <Side label="Credit" minor={line.credit_minor} currency={line.currency} href={href} />
    </tr>
  );
}

/** A balance stands on one side; the other stays empty. */
function Side({ label, minor, currency, href }: { label: string; minor: number; currency: string; href: string }) {
  return (
    <td data-label={label} className="px-4 py-2 text-right">
      {minor !== 0 && <Money value={{ amount: minor, currency }} href={href} />}
    </td>
  );
}

/** An account opens its statement; several accounts open the books below them, as of the same day. */
function pageOf(line: Line, asOf: string): string {
  const day = asOfSearch({ as_of: asOf, by: "" });
  if (line.account_id) return `/ledger/account/?id=${line.account_id}${day}`;
  return `/ledger/?prefix=${encodeURIComponent(line.code)}&depth=8${day}`;
}
