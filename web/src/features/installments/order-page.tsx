"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { PaymentPostings } from "@/features/payments/payment-postings";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
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
  const id = useSearchParams().get("id");
  const order = useThing<OrderDetail>(id ? `/installments/orders/${encodeURIComponent(id)}` : null);
  if (!id) return <EmptyState title="Which order?" why="The address names none. Open one from the list." />;
  if (order.error) return <ErrorState problem={order.error} onRetry={() => order.refetch()} />;
  if (!order.data) return <Skeleton lines={8} />;
  return <OrderView order={order.data} />;
}

function OrderView({ order }: { order: OrderDetail }) {
  const { role } = useSession();
  const can = useCan();
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
            <Sheet title="Schedule" flush>
              <Schedule lines={order.lines} like={order.amount} caption="What is due when, and what of it is paid" />
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
            <Sheet title="Owed">
              <Facts facts={owedOf(order)} />
            </Sheet>
          )}
          <Sheet title="Plan">
            <p>{order.plan_name}</p>
            <p className="mt-1 text-soft">{spokenTerms(order.terms)}</p>
            <Facts facts={planOf(order)} />
          </Sheet>
          <Sheet title="Details">
            <Facts facts={detailsOf(order, can("installments:manage"))} />
          </Sheet>
          {order.collections.length > 0 && <Charged order={order} />}
          {order.versions.length > 1 && (
            <Sheet title="Versions of the schedule">
              <Facts
                facts={order.versions.map(
                  (version): Fact => [
                    `${version.schedule}. ${WHY[version.reason] ?? version.reason}`,
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

const CHARGED: Record<string, string> = { open: "On its way", collected: "Paid", missed: "Not paid" };

/** What was charged to a saved card or e-wallet because the wallet had too little. */
function Charged({ order }: { order: OrderDetail }) {
  return (
    <Sheet title="Charged to a saved method">
      <Facts
        facts={order.collections.map(
          (each): Fact => [
            `${formatPlainDay(each.day, readerLocale())} · ${CHARGED[each.status] ?? each.status}`,
            <Money key={each.payment_id} value={each.amount} href={`/payments/view/?id=${each.payment_id}`} />,
          ],
        )}
      />
    </Sheet>
  );
}

const WHY: Record<string, string> = {
  booked: "Booked",
  prepaid: "Paid ahead",
  returned: "Return",
  rescheduled: "Rescheduled",
  paid_off: "Paid off",
};

function owedOf(order: OrderDetail): Fact[] {
  const { open } = order;
  const split: [string, number][] = [
    ["Price", open.principal],
    ["Interest", open.interest],
    ["Plan fee", open.fee],
    ["Late fees", open.penalty],
  ];
  return [
    ["Due now", <Money key="due" value={order.due} className={order.due.amount > 0 ? "text-failed" : undefined} />],
    ...split
      .filter(([, minor]) => minor > 0)
      .map(([name, minor]): Fact => [name, <Money key={name} value={inCurrency(minor, order.amount)} />]),
    ["Open in all", <Money key="open" value={inCurrency(open.total, order.amount)} className="font-medium" />],
    ...(order.next
      ? [
          [
            "Next",
            <span key="next">
              <Money value={order.next.amount} /> on {formatPlainDay(order.next.due_on, readerLocale())}
            </span>,
          ] as Fact,
        ]
      : []),
  ];
}

function planOf({ terms, amount }: OrderDetail): Fact[] {
  const hasLateFee = terms.late_fee_minor || Number(terms.late_fee_rate);
  return [
    ["Grace", `${terms.grace_days} days`],
    ...(hasLateFee && terms.late_fee_minor
      ? [["Late fee", <Money key="late" value={inCurrency(terms.late_fee_minor, amount)} />] as Fact]
      : []),
    ...(terms.late_fee_cap_minor
      ? [["At most", <Money key="cap" value={inCurrency(terms.late_fee_cap_minor, amount)} />] as Fact]
      : []),
  ];
}

function detailsOf(order: OrderDetail, mayManage: boolean): Fact[] {
  const customer = order.customer_name ?? order.customer_id;
  const { consent } = order;
  return [
    ["Id", <Id key="id" value={order.id} />],
    ["Reference", order.reference],
    ["Merchant", order.merchant_name ?? order.merchant_id],
    [
      "Customer",
      mayManage ? (
        <Link key="customer" href={lineHref(order.customer_id)} className="underline underline-offset-4">
          {customer}
        </Link>
      ) : (
        customer
      ),
    ],
    ["Offered", <When key="offered" at={order.created_at} />],
    ...(consent ? [["Agreed", <When key="agreed" at={String(consent.at)} />] as Fact] : []),
    ...(order.paused_until ? [["Left alone until", formatPlainDay(order.paused_until, readerLocale())] as Fact] : []),
    ...(order.tries > 0 ? [["Failed collections", String(order.tries)] as Fact] : []),
  ];
}
