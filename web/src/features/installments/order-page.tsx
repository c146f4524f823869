"use client";

import { useSearchParams } from "next/navigation";
import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { PaymentPostings } from "@/features/payments/payment-postings";
import { formatPlainDay } from "@/lib/dates";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { JsonView } from "@/ui/json-view";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import { AcceptOffer } from "./accept-offer";
import { inCurrency, lineHref, MEANING, type OrderDetail, orderName, spokenTerms } from "./contract";
import { OrderActions } from "./order-actions";
import { OrderState } from "./order-state";
import { PayButtons } from "./pay-buttons";
import { Schedule } from "./schedule";

export function OrderPage() {
  const t = useTranslations("installments");
  const id = useSearchParams().get("id");
  const order = useThing<OrderDetail>(id ? `/installments/orders/${encodeURIComponent(id)}` : null);
  if (!id) return <EmptyState title={t("which")} why={t("whichWhy")} />;
  if (order.error) return <ErrorState problem={order.error} onRetry={() => order.refetch()} />;
  if (!order.data) return <Skeleton lines={8} />;
  return <OrderView order={order.data} />;
}

function OrderView({ order }: { order: OrderDetail }) {
  const t = useTranslations("installments");
  const { role } = useSession();
  const can = useCan();
  const format = useFormat();
  const isCustomer = role === "customer";
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {orderName(order)}
            <span role="status">
              <OrderState order={order} />
            </span>
          </span>
        }
        note={
          <>
            <Money value={order.amount} /> · {isCustomer ? order.merchant_name : MEANING[order.state]}
          </>
        }
        actions={
          <>
            <PayButtons order={order} />
            <OrderActions order={order} />
          </>
        }
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-6">
          {order.offer && <AcceptOffer order={order} cost={order.offer} />}
          {order.lines.length > 0 && (
            <Sheet title={t("schedule")} flush>
              <Schedule lines={order.lines} like={order.amount} caption={t("scheduleCaption")} />
            </Sheet>
          )}
          {!isCustomer && (
            <PaymentPostings entries={order.entries as Parameters<typeof PaymentPostings>[0]["entries"]} />
          )}
          {!isCustomer && (
            <details>
              <summary className="mb-2 text-accent underline underline-offset-4">Raw JSON</summary>
              <JsonView value={order} />
            </details>
          )}
        </div>
        <div className="space-y-6">
          {order.state !== "offered" && order.state !== "reserved" && (
            <Sheet title={t("owed")}>
              <Facts facts={owedOf(t, format, order)} />
            </Sheet>
          )}
          <Sheet title={t("plan")}>
            <p>{order.plan_name}</p>
            <p className="mt-1 text-soft">{spokenTerms(t, order.terms)}</p>
            <Facts facts={planOf(t, order)} />
          </Sheet>
          <Sheet title={t("details")}>
            <Facts facts={detailsOf(t, format, order, can("installments:manage"))} />
          </Sheet>
          {order.collections.length > 0 && <Charged order={order} />}
          {order.versions.length > 1 && (
            <Sheet title={t("versions")}>
              <Facts
                facts={order.versions.map(
                  (version): Fact => [
                    `${version.schedule}. ${t(WHY[version.reason as keyof typeof WHY])}`,
                    <When key={version.schedule} at={version.made_at} />,
                  ],
                )}
              />
            </Sheet>
          )}
        </div>
      </div>
    </>
  );
}

const CHARGED = { open: "chargedOpen", collected: "chargedCollected", missed: "chargedMissed" } as const;

/** What was charged to a saved card or e-wallet because the wallet had too little. */
function Charged({ order }: { order: OrderDetail }) {
  const t = useTranslations("installments");
  const format = useFormat();
  return (
    <Sheet title={t("charged")}>
      <Facts
        facts={order.collections.map(
          (each): Fact => [
            `${formatPlainDay(each.day, format)} · ${t(CHARGED[each.status as keyof typeof CHARGED])}`,
            <Money key={each.payment_id} value={each.amount} href={`/payments/view/?id=${each.payment_id}`} />,
          ],
        )}
      />
    </Sheet>
  );
}

const WHY = {
  booked: "versionBooked",
  prepaid: "versionPrepaid",
  returned: "versionReturned",
  rescheduled: "versionRescheduled",
  paid_off: "versionPaidOff",
} as const;

function owedOf(t: Say<"installments">, format: string, order: OrderDetail): Fact[] {
  const { open, next } = order;
  const split: [string, number][] = [
    [t("price"), open.principal],
    [t("interest"), open.interest],
    [t("planFee"), open.fee],
    [t("lateFees"), open.penalty],
  ];
  return [
    [t("dueNow"), <Money key="due" value={order.due} className={order.due.amount > 0 ? "text-failed" : undefined} />],
    ...split
      .filter(([, minor]) => minor > 0)
      .map(([name, minor]): Fact => [name, <Money key={name} value={inCurrency(minor, order.amount)} />]),
    [t("openInAll"), <Money key="open" value={inCurrency(open.total, order.amount)} className="font-medium" />],
    ...(next
      ? [
          [
            t("next"),
            <span key="next">
              {t.rich("amountOn", {
                amount: () => <Money value={next.amount} />,
                day: formatPlainDay(next.due_on, format),
              })}
            </span>,
          ] as Fact,
        ]
      : []),
  ];
}

function planOf(t: Say<"installments">, { terms, amount }: OrderDetail): Fact[] {
  const hasLateFee = terms.late_fee_minor || Number(terms.late_fee_rate);
  return [
    [t("grace"), t("graceDays", { days: terms.grace_days })],
    ...(hasLateFee && terms.late_fee_minor
      ? [[t("lateFee"), <Money key="late" value={inCurrency(terms.late_fee_minor, amount)} />] as Fact]
      : []),
    ...(terms.late_fee_cap_minor
      ? [[t("atMost"), <Money key="cap" value={inCurrency(terms.late_fee_cap_minor, amount)} />] as Fact]
      : []),
  ];
}

function detailsOf(t: Say<"installments">, format: string, order: OrderDetail, mayManage: boolean): Fact[] {
  const customer = order.customer_name ?? order.customer_id;
  const { consent } = order;
  return [
    [t("id"), <Id key="id" value={order.id} />],
    [t("reference"), order.reference],
    [t("merchant"), order.merchant_name ?? order.merchant_id],
    [
      t("customer"),
      mayManage ? (
        <Link key="customer" href={lineHref(order.customer_id)} className="underline underline-offset-4">
          {customer}
        </Link>
      ) : (
        customer
      ),
    ],
    [t("offered"), <When key="offered" at={order.created_at} />],
    ...(consent ? [[t("agreed"), <When key="agreed" at={String(consent.at)} />] as Fact] : []),
    ...(order.paused_until ? [[t("leftAlone"), formatPlainDay(order.paused_until, format)] as Fact] : []),
    ...(order.tries > 0 ? [[t("failedCollections"), String(order.tries)] as Fact] : []),
  ];
}
