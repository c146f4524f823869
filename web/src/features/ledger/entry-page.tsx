"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { AccountLink } from "@/features/names/account-link";
import { Actor } from "@/features/names/names";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Entry, Posting } from "./contract";
import { ProofButton } from "./proof-button";
import { ReverseButton } from "./reverse-button";

export function EntryPage() {
  const id = useSearchParams().get("id");
  const entry = useThing<Entry>(id ? `/ledger/entries/${encodeURIComponent(id)}` : null);
  if (!id) return <EmptyState title="Which entry?" why="The address names none. Open one from an account." />;
  if (entry.error) return <ErrorState problem={entry.error} onRetry={() => entry.refetch()} />;
  if (!entry.data) return <Skeleton lines={8} />;
  return (
    <>
      <PageHeader
        title={entry.data.description || entry.data.recipe}
        note={<EntryState entry={entry.data} />}
        actions={
          <>
            <ProofButton entry={entry.data} />
            <ReverseButton entry={entry.data} />
          </>
        }
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <Sheet title="Postings" flush>
          <ul className="divide-y divide-rule">
            {entry.data.postings.map((posting) => (
              <PostingLines key={posting.line} posting={posting} />
            ))}
          </ul>
        </Sheet>
        <Sheet title="Cause" className="self-start">
          <Facts facts={causeOf(entry.data)} />
        </Sheet>
      </div>
    </>
  );
}

function EntryState({ entry }: { entry: Entry }) {
  const other = entry.reversed_by ?? entry.reverses;
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <State state={entry.reversed_by ? "reversed" : "posted"} />
      {other && (
        <Link href={`/ledger/entry/?id=${other}`} className="underline underline-offset-4">
          {entry.reversed_by ? "Open the reversal" : "Reverses another entry"}
        </Link>
      )}
    </span>
  );
}

function PostingLines({ posting }: { posting: Posting }) {
  return (
    <li className="px-4 py-3">
      <p className="mb-2 text-right text-base">
        <Money value={posting.amount} className="font-medium" />
      </p>
      <SideLine side="Debit" id={posting.debit_account} code={posting.debit_code} balance={posting.debit_balance} />
      <SideLine side="Credit" id={posting.credit_account} code={posting.credit_code} balance={posting.credit_balance} />
    </li>
  );
}

type SideProps = { side: string; id: string; code: string | null; balance: Posting["amount"] };

function SideLine({ side, id, code, balance }: SideProps) {
  const href = `/ledger/account/?id=${id}`;
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4 py-0.5">
      <span className="min-w-0">
        <span className="inline-block w-14 text-soft text-xs">{side}</span>
        <AccountLink id={id} code={code} />
      </span>
      <span className="ml-auto text-soft text-xs">
        balance after <Money value={balance} href={href} />
      </span>
    </div>
  );
}

function causeOf(entry: Entry): Fact[] {
  const facts: Fact[] = [
    ["Effective", <When key="effective" at={entry.effective_at} />],
    ["Recorded", <When key="recorded" at={entry.recorded_at} />],
    ["Business date", entry.business_date],
    [
      "Recipe",
      <span key="recipe" className="font-mono text-xs">
        {entry.recipe}
      </span>,
    ],
    ["Who", <Actor key="actor" value={entry.actor} />],
    ["Request", <Id key="request" value={entry.request_id} />],
  ];
  if (entry.undo && !entry.reversed_by) facts.push(["To undo it", entry.undo]);
  if (entry.approver) facts.push(["Approved by", <Actor key="approver" value={entry.approver} />]);
  if (entry.callback_id) facts.push(["Callback", <Id key="callback" value={entry.callback_id} />]);
  if (entry.idempotency_key) facts.push(["Idempotency key", <Id key="key" value={entry.idempotency_key} />]);
  facts.push(["Entry", <Id key="id" value={entry.id} />]);
  return facts;
}
