"use client";

import { Fragment, type ReactNode } from "react";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { Actor } from "@/features/names/names";
import type { Amount } from "@/lib/money";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Approval } from "./contract";
import { ApprovalDecision } from "./decision";
import { type Posting, Postings } from "./postings";

const DEFAULTS = { status: "open" };
const STATUSES: [string, string][] = [
  ["open", "Waiting"],
  ["approved", "Approved"],
  ["refused", "Refused"],
  ["expired", "Expired"],
  ["", "All"],
];

const PAGES: Record<string, string> = {
  payout: "/payouts/view/",
  payout_batch: "/payouts/batches/",
  payment: "/payments/view/",
  dispute: "/payments/disputes/",
  entry: "/ledger/entry/",
  opening_import: "/ledger/opening/view/",
  party: "/kyc/view/",
};

export function ApprovalsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<Approval>("/approvals", { status: view.status });
  return (
    <>
      <PageHeader
        title="Approvals"
        note="What somebody asked for and somebody else decides"
        actions={<ButtonLink href="/approvals/lines/">Lines</ButtonLink>}
      />
      <div className="no-print mb-4">
        <Chips label="State" options={STATUSES} value={view.status} onChange={(status) => change({ status })} />
      </div>
      {list.error && <ErrorState problem={list.error} onRetry={list.refetch} />}
      {list.isLoading && <Skeleton lines={5} />}
      {!list.isLoading && !list.error && list.rows.length === 0 && (
        <EmptyState
          title={view.status === "open" ? "Nothing waits" : "Nothing here"}
          why="Payouts, refunds and journals above the tenant's line, and verifications if so set, wait here for a second person. Whoever asked cannot decide."
          example="Payout · IDR 7,500,000.00 · asked by Fitri · Approve or refuse"
        />
      )}
      <div className="space-y-4">
        {list.rows.map((row) => (
          <Request key={row.id} row={row} />
        ))}
      </div>
      {list.hasMore && (
        <div className="mt-4 text-center">
          <Button kind="quiet" busy={list.isLoadingMore} onClick={list.loadMore}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

function Request({ row }: { row: Approval }) {
  const can = useCan();
  const page = PAGES[row.subject.kind];
  const href = page && `${page}?id=${row.subject.id}`;
  return (
    <Sheet>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 className="flex flex-wrap items-center gap-2 text-base">
            {stateWord(row.kind)} {row.amount && <Money value={row.amount} href={href} className="font-medium" />}
            <State state={row.status === "open" ? "needs_approval" : row.status} />
          </h2>
          <p className="mt-1 text-soft">
            Asked by {row.asked_by_name ?? <Actor value={row.asked_by} />} · <When at={row.asked_at} />
            {row.status === "open" && (
              <>
                {" "}
                · runs out <When at={row.expires_at} />
              </>
            )}
          </p>
        </div>
        <div className="no-print flex flex-wrap gap-2">
          {href && <ButtonLink href={href}>Open</ButtonLink>}
          {row.can_decide && can("approvals:decide") && <ApprovalDecision approval={row} />}
          {row.status === "open" && !row.can_decide && <span className="text-soft">Somebody else decides this</span>}
        </div>
      </div>
      <div className="mt-3 border-rule border-t pt-3">
        <Facts facts={factsOf(row)} />
      </div>
    </Sheet>
  );
}

type Goods = { quantity: number; name: string };

function shown(name: string, value: unknown): ReactNode {
  if (name === "opening_equity") return <Amounts values={value as Amount[]} />;
  if (name === "goods") return (value as Goods[]).map((each) => `${each.quantity} × ${each.name}`).join(", ");
  if (name === "postings") return <Postings postings={value as Posting[]} />;
  if (name === "effective_at") return <When at={String(value)} />;
  if (value !== null && typeof value === "object" && "currency" in value) return <Money value={value as Amount} />;
  return name === "state" ? stateWord(String(value)) : String(value);
}

/** One amount for each currency, which are never summed. */
function Amounts({ values }: { values: Amount[] }) {
  return values.map((value) => (
    <div key={value.currency}>
      <Money value={value} />
    </div>
  ));
}

function factsOf(row: Approval): Fact[] {
  const said = Object.entries(row.after).filter(([name, value]) => value !== null && name !== "description");
  const changes = said.map(([name, value]): Fact => {
    const before = row.before[name];
    return [
      name === "state" ? "A yes makes it" : stateWord(name),
      <Fragment key={name}>
        {before !== undefined && <>{shown(name, before)} → </>}
        {shown(name, value)}
      </Fragment>,
    ];
  });
  return [
    ...changes,
    ...(row.note ? [["Note", row.note] as Fact] : []),
    ...(row.checker ? [["Decided by", row.checker_name ?? row.checker] as Fact] : []),
    ...(row.reason ? [["Reason", row.reason] as Fact] : []),
  ];
}
