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
import { When } from "@/ui/when";
import type { Payment } from "./contract";
import { PaymentActions } from "./payment-actions";
import { PaymentAfter } from "./payment-after";
import { PaymentPostings } from "./payment-postings";
import { nextLook, statusOf, stepsOf } from "./payment-steps";
import { PaymentTraffic } from "./payment-traffic";
import { ProviderMoneySheet } from "./provider-money";
import { SettledSheet } from "./settled-sheet";
import { SharesSheet } from "./shares-sheet";
import { WaitingRefund } from "./waiting-refund";

export function PaymentPage() {
  const id = useSearchParams().get("id");
  const path = id ? `/payments/${encodeURIComponent(id)}` : null;
  const first = useThing<Payment>(path);
  const payment = useThing<Payment>(path, undefined, first.data ? nextLook(first.data) : false);
  if (!id) return <EmptyState title="Which payment?" why="The address names none. Open one from the list." />;
  if (payment.error) return <ErrorState problem={payment.error} onRetry={() => payment.refetch()} />;
  if (!payment.data) return <Skeleton lines={8} />;
  return <PaymentView payment={payment.data} />;
}

function PaymentView({ payment }: { payment: Payment }) {
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            <Money value={payment.amount} href="#postings" quietCode />
            <span role="status">
              <State state={statusOf(payment)} />
            </span>
          </span>
        }
        note={payment.description || payment.reference}
        actions={<PaymentActions payment={payment} />}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-6">
          <WaitingRefund paymentId={payment.id} />
          <Sheet title="What happened">
            <Timeline items={stepsOf(payment)} />
          </Sheet>
          <PaymentAfter payment={payment} />
          <SharesSheet payment={payment} />
          <ProviderMoneySheet payment={payment} />
          <SettledSheet payment={payment} />
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
  const parts: [string, Payment["amount"] | null][] = [
    ["Asked", payment.amount],
    ["Captured", payment.capture === "manual" ? payment.captured : null],
    ["May still be captured", payment.capturable.amount ? payment.capturable : null],
    ["Refunded", payment.refunded.amount ? payment.refunded : null],
    ["Platform fee", payment.platform_fee],
    ["Provider fee", payment.provider_fee],
    ["Net", payment.net],
  ];
  return parts.flatMap(([name, value]): Fact[] =>
    value ? [[name, <Money key={name} value={value} href="#postings" />]] : [],
  );
}

function detailsOf(payment: Payment): Fact[] {
  const customer = payment.customer;
  return [
    ["Id", <Id key="id" value={payment.id} />],
    ["Reference", payment.reference],
    ["Customer", payment.customer_name ?? "—"],
    ...(customer?.email && customer.email !== payment.customer_name ? [["E-mail", customer.email] as Fact] : []),
    [payment.kind === "top_up" ? "Wallet of" : "Merchant", payment.merchant_name ?? payment.merchant_id],
    ["Created", <When key="created" at={payment.created_at} />],
    ["Expires", <When key="expires" at={payment.expires_at} />],
    ...(payment.authorized_until
      ? [["Authorised until", <When key="authorized" at={payment.authorized_until} />] as Fact]
      : []),
    ["Checkout", payment.checkout_url ? <CheckoutLink key="checkout" url={payment.checkout_url} /> : "—"],
  ];
}

function CheckoutLink({ url }: { url: string }) {
  return (
    <a href={url} className="inline-flex items-center gap-1 text-accent underline underline-offset-4">
      Open the page <ExternalLink size={12} aria-hidden="true" />
    </a>
  );
}
