"use client";

import { Download } from "lucide-react";
import { useList } from "@/client/queries";
import { LetterState } from "@/features/billing/letters";
import { pageOfId } from "@/features/shell/page-of-id";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { TimelineFact } from "./contract";

const WORDS: Record<string, string> = {
  opportunity: "Deal",
  file: "File",
  receipt: "Money received",
  refund: "Paid back",
  message: "Mail",
};

/** Everything that happened with a customer in one order: deals, documents, mails, notes, money. */
export function CustomerTimeline({ partyId }: { partyId: string }) {
  const list = useList<TimelineFact>(`/crm/customers/${partyId}/timeline`);
  if (list.error && list.rows.length === 0) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  if (list.isLoading) return <Skeleton lines={6} />;
  if (list.rows.length === 0) {
    return (
      <EmptyState
        title="Nothing has happened yet"
        why="Documents, notes, deals and payments stand here in one order."
      />
    );
  }
  return (
    <>
      <ol className="relative ml-1 border-rule border-l-2">
        {list.rows.map((fact) => (
          <FactLine key={`${fact.id}${fact.status}`} fact={fact} />
        ))}
      </ol>
      {list.hasMore && (
        <Button kind="quiet" busy={list.isLoadingMore} onClick={list.loadMore}>
          Show more
        </Button>
      )}
    </>
  );
}

function FactLine({ fact }: { fact: TimelineFact }) {
  const href = pageOfId(fact.opens) ?? undefined;
  const title = fact.title || (fact.status === "draft" ? "Draft" : "No reference");
  return (
    <li className="relative pb-5 pl-5 last:pb-0">
      <span aria-hidden="true" className="-left-[5px] absolute top-1.5 size-2 rounded-full bg-accent" />
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <p className="text-soft text-xs">
          {WORDS[fact.kind] ?? stateWord(fact.kind)}
          {fact.actor_name && ` · ${fact.actor_name}`}
        </p>
        <span className="text-soft text-xs">
          <When at={fact.at} />
        </span>
      </div>
      <p className="whitespace-pre-line [overflow-wrap:anywhere]">
        {href ? (
          <Link href={href} className="underline decoration-rule-strong/50 underline-offset-4">
            {title}
          </Link>
        ) : (
          title
        )}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {fact.amount && <Money value={fact.amount} href={href} />}
        {fact.status && (fact.kind === "message" ? <LetterState state={fact.status} /> : <State state={fact.status} />)}
        {fact.kind === "file" && (
          <a
            href={`/api/v1/crm/files/${fact.id}`}
            download
            className="inline-flex items-center gap-1 text-accent underline underline-offset-4"
          >
            <Download size={12} aria-hidden="true" /> Download
          </a>
        )}
      </div>
    </li>
  );
}
