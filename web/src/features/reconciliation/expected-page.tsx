"use client";

import type { ReactNode } from "react";
import { useThing } from "@/client/queries";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import type { ExpectedRow, ProviderOwes } from "./contract";

/** What providers owe by the books, and when it should be in the bank. */
export function ExpectedPage() {
  const found = useThing<{ data: ProviderOwes[] }>("/reconciliation/expected");
  return (
    <>
      <PageHeader
        title="Money expected from providers"
        note="What the books say providers owe, by the day it should be in the bank"
        actions={<ButtonLink href="/reconciliation/">Reconciliation</ButtonLink>}
      />
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {!found.data && !found.error && <Skeleton lines={6} />}
      {found.data?.data.length === 0 && (
        <EmptyState
          title="Nothing is expected"
          why="When a payment is collected, its money is listed here until the bank's statement shows it."
          example="Simulator · IDR 1,250,000.00 · expected by 2026-11-25"
        />
      )}
      <div className="space-y-6">
        {found.data?.data.map((owed) => (
          <Owed key={owed.account_id} owed={owed} />
        ))}
      </div>
    </>
  );
}

const accountHref = (id: string) => `/ledger/account/?id=${id}`;

function Owed({ owed }: { owed: ProviderOwes }) {
  return (
    <Sheet title={`${owed.connection_name}, ${owed.balance.currency}`} flush>
      {owed.rows.length === 0 ? (
        <p className="px-4 py-3 text-soft">Everything has come.</p>
      ) : (
        <ul className="divide-y divide-rule">
          {owed.rows.map((row) => (
            <Row key={`${row.stage}${row.expected_on}`} row={row} owed={owed} />
          ))}
        </ul>
      )}
      <dl className="space-y-1 border-rule-strong border-t-2 px-4 py-2">
        {owed.overdue.amount > 0 && (
          <Sum name="Overdue">
            <Money value={owed.overdue} className="text-failed" />
          </Sum>
        )}
        <Sum name="Owed by the books">
          <Money value={owed.balance} href={accountHref(owed.account_id)} />
        </Sum>
      </dl>
    </Sheet>
  );
}

function Sum({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4 font-medium">
      <dt>{name}</dt>
      <dd className="ml-auto">{children}</dd>
    </div>
  );
}

function Row({ row, owed }: { row: ExpectedRow; owed: ProviderOwes }) {
  const account = row.stage === "confirmed" ? owed.confirmed_account_id : owed.account_id;
  const seen = row.stage === "confirmed" ? "In the provider's statement" : "In our books";
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 py-2">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {row.expected_on ? <span className="figures">{row.expected_on}</span> : <WhyNoDay row={row} owed={owed} />}
          {row.overdue && <State state="overdue" tone="failed" word="Overdue" />}
        </p>
        <p className="text-soft text-xs">
          {row.items > 0 ? `${seen} · ${row.items} ${row.items === 1 ? "entry" : "entries"}` : seen}
        </p>
      </div>
      <div className="ml-auto">
        <Money value={row.amount} href={accountHref(account ?? owed.account_id)} />
      </div>
    </li>
  );
}

/** Why no day is known, with the place where that is changed. */
function WhyNoDay({ row, owed }: { row: ExpectedRow; owed: ProviderOwes }) {
  if (row.undated_because === "no_terms") {
    return (
      <Link href={`/developers/connections/?id=${owed.connection_id}`} className="underline underline-offset-4">
        Say when it pays over
      </Link>
    );
  }
  if (row.undated_because === "no_calendar") {
    return (
      <Link href={`/developers/connections/?id=${owed.connection_id}`} className="underline underline-offset-4">
        No calendar says which day
      </Link>
    );
  }
  if (row.undated_because === "no_connection") {
    return (
      <Link href={accountHref(owed.account_id)} className="underline underline-offset-4">
        The account belongs to no connection
      </Link>
    );
  }
  const word = row.undated_because === "no_bank" ? "No bank statements are matched" : "No statements are matched";
  return (
    <Link href="/reconciliation/" className="underline underline-offset-4">
      {word}
    </Link>
  );
}
