"use client";

import { ExternalLink } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { JsonView } from "@/ui/json-view";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { Timeline } from "@/ui/timeline";
import type { Payment } from "./contract";
import { PaymentPostings } from "./payment-postings";
import { PaymentTraffic } from "./payment-traffic";
import { RefundButton } from "./refund-button";

// A payment that can still change is asked about again by itself.
const MOVING = ["created", "pending", "processing", "awaiting_payment", "authorized", "requires_action", "unknown"];
const REFRESH_MS = 3_000;

export function PaymentPage() {
  const id = useSearchParams().get("id");
  const path = id ? `/payments/${encodeURIComponent(id)}` : null;
  const first = useThing<Payment>(path);
  const isMoving = first.data !== undefined && MOVING.includes(first.data.status);
  const payment = useThing<Payment>(path, undefined, isMoving ? REFRESH_MS : false);
  if (!id) return <EmptyState title="Which payment?" why="The address names none. Open one from the list." />;
  if (payment.error) return <ErrorState problem={payment.error} onRetry={() => payment.refetch()} />;
  if (!payment.data) return <Skeleton lines={8} />;
  return <PaymentView payment={payment.data} />;
}

function PaymentView({ payment }: { payment: Payment }) {
  const steps = payment.timeline.map((step) => ({
    key: `${step.at}${step.kind}${step.entry_id ?? ""}`,
    at: step.at,
    title: step.title,
    detail: step.detail,
    amount: step.amount ?? undefined,
    href: step.entry_id ? `#${step.entry_id}` : undefined,
  }));
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            <Money value={payment.amount} href="#postings" quietCode />
            <span role="status">
              <State state={payment.status} />
            </span>
          </span>
        }
        note={payment.description || payment.reference}
        actions={<RefundButton payment={payment} />}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title="What happened">
            <Timeline items={steps} />
          </Sheet>
          <PaymentPostings entries={payment.entries} />
          <PaymentTraffic payment={payment} />
          <details>
            <summary className="mb-2 text-accent underline underline-offset-4">Raw JSON</summary>
            <JsonView value={payment} />
          </details>
        </div>
        <div className="space-y-6">
          <Sheet title="Amounts">
            <Facts facts={amountsOf(payment)} />
          </Sheet>
          <Sheet title="Details">
            <Facts facts={detailsOf(payment)} />
          </Sheet>
        </div>
      </div>
    </>
  );
}

function amountsOf(payment: Payment): Fact[] {
  const facts: Fact[] = [
    ["Asked", <Money key="asked" value={payment.amount} />],
    ["Captured", <Money key="captured" value={payment.captured} href="#postings" />],
    ["Refunded", <Money key="refunded" value={payment.refunded} href="#postings" />],
  ];
  if (payment.fees) facts.push(["Fees", <Money key="fees" value={payment.fees} href="#postings" />]);
  return facts;
}

function detailsOf(payment: Payment): Fact[] {
  return [
    ["Id", <Id key="id" value={payment.id} />],
    ["Reference", payment.reference ?? "—"],
    ["Customer", payment.customer?.name ?? payment.customer?.email ?? "—"],
    ["Merchant", payment.merchant?.name ?? "—"],
    [
      "Checkout",
      payment.checkout_url ? (
        <a
          key="checkout"
          href={payment.checkout_url}
          className="inline-flex items-center gap-1 text-accent underline underline-offset-4"
        >
          Open the page <ExternalLink size={12} aria-hidden="true" />
        </a>
      ) : (
        "—"
      ),
    ],
  ];
}
