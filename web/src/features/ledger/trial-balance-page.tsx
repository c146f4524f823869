"use client";

import { Printer } from "lucide-react";
import { useThing } from "@/client/queries";
import { AccountLink } from "@/features/names/account-link";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { useUrlState } from "@/lib/url-state";
import { AmountsHead } from "@/ui/amounts-head";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import type { TrialBalance } from "./contract";

const DEFAULTS = { as_of: "" };

export function TrialBalancePage() {
  const [view, change] = useUrlState(DEFAULTS);
  const trial = useThing<TrialBalance>("/ledger/trial-balance", { as_of: view.as_of });
  return (
    <>
      <PageHeader
        title="Trial balance"
        note={
          trial.data && `All entries effective up to the end of ${formatPlainDay(trial.data.as_of, readerLocale())}`
        }
        actions={
          <Button icon={<Printer size={14} aria-hidden />} onClick={() => window.print()}>
            Print
          </Button>
        }
      />
      <div className="no-print mb-4 w-48">
        <TextField
          label="As of"
          type="date"
          value={view.as_of}
          onChange={(event) => change({ as_of: event.target.value })}
        />
      </div>
      {trial.isPending && <Skeleton lines={8} />}
      {trial.error && <ErrorState problem={trial.error} onRetry={() => trial.refetch()} />}
      {trial.data?.totals.length === 0 && (
        <EmptyState title="Nothing posted yet" why="The trial balance lists every account that has postings." />
      )}
      <div className="space-y-6">
        {trial.data?.totals.map((total) => (
          <CurrencyTable key={total.currency} trial={trial.data} total={total} />
        ))}
      </div>
    </>
  );
}

type TableProps = { trial: TrialBalance; total: TrialBalance["totals"][number] };

function CurrencyTable({ trial, total }: TableProps) {
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
            <TrialLine key={line.account_id} line={line} />
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

function TrialLine({ line }: { line: TrialBalance["lines"][number] }) {
  const href = `/ledger/account/?id=${line.account_id}`;
  return (
    <tr className="h-10 hover:bg-well">
      <td data-label="Account" className="px-4 py-2">
        <AccountLink id={line.account_id} code={line.code} />
      </td>
      <td data-label="Debit" className="px-4 py-2 text-right">
        <Money value={{ amount: line.debit_minor, currency: line.currency }} href={href} />
      </td>
      <td data-label="Credit" className="px-4 py-2 text-right">
        <Money value={{ amount: line.credit_minor, currency: line.currency }} href={href} />
      </td>
    </tr>
  );
}
