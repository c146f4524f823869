"use client";

import { useList, useThing } from "@/client/queries";
import { useSession } from "@/features/identity/session";
import { SavedMethods } from "@/features/payments/saved-methods";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { type CreditLine, inCurrency, type OrderRow, orderHref, orderName } from "./contract";
import { OrderState } from "./order-state";

const ENDED = ["paid", "cancelled", "expired", "charged_off"];

/** What a customer has bought in parts: what waits for a yes, what is due when, and what is over. */
export function MyInstallments() {
  const { party_id: party } = useSession();
  const list = useList<OrderRow>("/installments/orders", { limit: 50 });
  if (list.error) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  if (list.isLoading) return <Skeleton lines={6} />;
  const offered = list.rows.filter((row) => row.state === "offered");
  const running = list.rows.filter((row) => row.state === "active");
  const ended = list.rows.filter((row) => ENDED.includes(row.state));
  return (
    <div className="mx-auto max-w-[720px]">
      <PageHeader title="Installments" note={<Line />} />
      {list.rows.length === 0 && (
        <EmptyState
          title="Nothing bought in installments"
          why="A shop that offers you a plan shows up here. You see the whole cost before you agree."
          example="Coffee machine · 4 parts · next 21 Dec · IDR 400,000.00"
        />
      )}
      <div className="space-y-6">
        <Group title="Waiting for your yes" orders={offered} />
        <Group title="Running" orders={running} />
        {party && <SavedMethods partyId={party} />}
        <Group title="Over" orders={ended} />
      </div>
      {list.hasMore && (
        <Button className="mt-4 w-full" busy={list.isLoadingMore} onClick={list.loadMore}>
          Show more
        </Button>
      )}
    </div>
  );
}

function Line() {
  const { party_id: party } = useSession();
  const [currency] = useStored("specie.currency", "IDR");
  const line = useThing<CreditLine>(party ? `/installments/lines/${party}/${currency}` : null);
  if (!line.data || line.data.limit.amount === 0) return <>You pay in parts, from your wallet</>;
  return (
    <>
      <Money value={line.data.left} className="font-medium text-ink" /> of <Money value={line.data.limit} /> is free for
      new purchases
    </>
  );
}

function Group({ title, orders }: { title: string; orders: OrderRow[] }) {
  if (orders.length === 0) return null;
  return (
    <Sheet title={title} flush>
      <ul className="divide-y divide-rule">
        {orders.map((order) => (
          <Order key={order.id} order={order} />
        ))}
      </ul>
    </Sheet>
  );
}

function Order({ order }: { order: OrderRow }) {
  return (
    <li className="space-y-2 px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <Link href={orderHref(order)} className="min-w-0 font-medium hover:underline">
          {orderName(order)}
        </Link>
        <OrderState order={order} />
      </div>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 text-soft">
        <span>{order.merchant_name}</span>
        <Money value={order.amount} href={orderHref(order)} />
      </div>
      {order.state === "active" && <Progress order={order} />}
    </li>
  );
}

function Progress({ order }: { order: OrderRow }) {
  return (
    <>
      <progress
        value={order.paid_share}
        max={100}
        aria-label={`${order.paid_share} per cent paid`}
        className="block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-well [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-well [&::-webkit-progress-value]:bg-accent"
      />
      <div className="flex flex-wrap justify-between gap-x-4 text-xs">
        <span className={order.due.amount > 0 ? "font-medium text-failed" : "text-soft"}>
          {order.due.amount > 0 ? (
            <>
              <Money value={order.due} quietCode={false} /> is due now
            </>
          ) : (
            order.next && (
              <>
                Next <Money value={order.next.amount} /> on {formatPlainDay(order.next.due_on, readerLocale())}
              </>
            )
          )}
        </span>
        <span className="text-soft">
          <Money value={inCurrency(order.open.total, order.amount)} /> open
        </span>
      </div>
    </>
  );
}
