"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { PaymentPostings } from "@/features/payments/payment-postings";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { JsonView } from "@/ui/json-view";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { Timeline, type TimelineItem } from "@/ui/timeline";
import { When } from "@/ui/when";
import { bankName } from "./banks";
import { MEANING, type PayoutDetail } from "./contract";
import { PayoutActions } from "./payout-actions";

const UNDER_WAY = ["requested", "approved", "sent", "unknown"];
const LOOK_AGAIN_MS = 3_000;

export function PayoutPage() {
  const id = useSearchParams().get("id");
  const path = id ? `/payouts/${encodeURIComponent(id)}` : null;
  const first = useThing<PayoutDetail>(path);
  const isUnderWay = first.data !== undefined && UNDER_WAY.includes(first.data.status);
  const payout = useThing<PayoutDetail>(path, undefined, isUnderWay ? LOOK_AGAIN_MS : false);
  if (!id) return <EmptyState title="Which payout?" why="The address names none. Open one from the list." />;
  if (payout.error) return <ErrorState problem={payout.error} onRetry={() => payout.refetch()} />;
  if (!payout.data) return <Skeleton lines={8} />;
  return <PayoutView payout={payout.data} />;
}

function PayoutView({ payout }: { payout: PayoutDetail }) {
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            <Money value={payout.amount} href="#postings" quietCode />
            <span role="status">
              <State state={payout.status === "requested" ? "needs_approval" : payout.status} />
            </span>
          </span>
        }
        note={MEANING[payout.status]}
        actions={<PayoutActions payout={payout} />}
      />
      {payout.attention && (
        <Sheet className="mb-6">
          <p role="alert">
            <State state="needs_review" word="Needs a look" /> {stateWord(payout.attention)}: compare the attempts below
            with what the provider says.
          </p>
        </Sheet>
      )}
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title="What happened">
            <Timeline items={stepsOf(payout)} />
          </Sheet>
          <PaymentPostings entries={payout.entries as Parameters<typeof PaymentPostings>[0]["entries"]} />
          <details>
            <summary className="mb-2 text-accent underline underline-offset-4">Raw JSON</summary>
            <JsonView value={payout} />
          </details>
        </div>
        <div className="space-y-6">
          <Sheet title="Amounts">
            <Facts facts={amountsOf(payout)} />
          </Sheet>
          <Sheet title="To">
            <Facts facts={accountOf(payout)} />
          </Sheet>
          <Sheet title="Details">
            <Facts facts={detailsOf(payout)} />
          </Sheet>
        </div>
      </div>
    </>
  );
}

function stepsOf(payout: PayoutDetail): TimelineItem[] {
  return payout.timeline.map((step, index) => ({
    key: `${step.subject_id}${index}`,
    at: step.at,
    title: step.kind === "payout" ? stateWord(step.status) : `Attempt: ${stateWord(step.status).toLowerCase()}`,
    detail: step.cause,
    href: step.kind === "payout" && ["succeeded", "returned"].includes(step.status) ? "#postings" : undefined,
  }));
}

function amountsOf(payout: PayoutDetail): Fact[] {
  return [
    ["Arrives", <Money key="amount" value={payout.amount} href="#postings" />],
    ["Fee", <Money key="fee" value={payout.fee} href="#postings" />],
    ["Leaves the wallet", <Money key="total" value={payout.total} href="#postings" />],
  ];
}

function accountOf({ beneficiary }: PayoutDetail): Fact[] {
  return [
    ["Holder", beneficiary.holder_name ?? "—"],
    [beneficiary.rail === "ewallet" ? "E-wallet" : "Bank", bankName(beneficiary.bank_code)],
    ["Number", beneficiary.number_hint],
    ["State", <State key="state" state={beneficiary.status} />],
  ];
}

function detailsOf(payout: PayoutDetail): Fact[] {
  const last = payout.attempts.at(-1);
  return [
    ["Id", <Id key="id" value={payout.id} />],
    ["Reference", payout.reference],
    ["From", payout.party_name ?? payout.party_id],
    ["Asked", <When key="asked" at={payout.created_at} />],
    ["Asked by", <Id key="by" value={payout.requested_by.split(":")[1] ?? payout.requested_by} />],
    ...(payout.failure ? [["Why it ended", stateWord(payout.failure)] as Fact] : []),
    ...(last?.provider_ref ? [["At the provider", <Id key="ref" value={last.provider_ref} />] as Fact] : []),
  ];
}
