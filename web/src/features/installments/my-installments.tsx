"use client";

import { useTranslations } from "use-intl";
import { useList, useThing } from "@/client/queries";
import { useSession } from "@/features/identity/session";
import { SavedMethods } from "@/features/payments/saved-methods";
import { formatPlainDay } from "@/lib/dates";
import { useFormat } from "@/messages/use-format";
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
  const t = useTranslations("installments");
  const ui = useTranslations("ui");
  const { party_id: party } = useSession();
  const list = useList<OrderRow>("/installments/orders", { limit: 50 });
  if (list.error) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  if (list.isLoading) return <Skeleton lines={6} />;
  const offered = list.rows.filter((row) => row.state === "offered");
  const running = list.rows.filter((row) => row.state === "active");
  const ended = list.rows.filter((row) => ENDED.includes(row.state));
  return (
    <div className="mx-auto max-w-[720px]">
      <PageHeader title={t("title")} note={<Line />} />
      {list.rows.length === 0 && <EmptyState title={t("none")} why={t("noneWhy")} example={t("noneExample")} />}
      <div className="space-y-6">
        <Group title={t("waiting")} orders={offered} />
        <Group title={t("running")} orders={running} />
        {party && <SavedMethods partyId={party} />}
        <Group title={t("over")} orders={ended} />
      </div>
      {list.hasMore && (
        <Button className="mt-4 w-full" busy={list.isLoadingMore} onClick={list.loadMore}>
          {ui("showMore")}
        </Button>
      )}
    </div>
  );
}

function Line() {
  const t = useTranslations("installments");
  const { party_id: party } = useSession();
  const [currency] = useStored("specie.currency", "IDR");
  const line = useThing<CreditLine>(party ? `/installments/lines/${party}/${currency}` : null);
  if (!line.data || line.data.limit.amount === 0) return <>{t("note")}</>;
  return (
    <>
      {t.rich("free", {
        left: () => <Money value={line.data.left} className="font-medium text-ink" />,
        limit: () => <Money value={line.data.limit} />,
      })}
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
  const t = useTranslations("installments");
  const format = useFormat();
  const { next } = order;
  return (
    <>
      <progress
        value={order.paid_share}
        max={100}
        aria-label={t("percentPaid", { share: order.paid_share })}
        className="block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-well [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-well [&::-webkit-progress-value]:bg-accent"
      />
      <div className="flex flex-wrap justify-between gap-x-4 text-xs">
        <span className={order.due.amount > 0 ? "font-medium text-failed" : "text-soft"}>
          {order.due.amount > 0
            ? t.rich("dueAmount", { amount: () => <Money value={order.due} quietCode={false} /> })
            : next &&
              t.rich("nextAmount", {
                amount: () => <Money value={next.amount} />,
                day: formatPlainDay(next.due_on, format),
              })}
        </span>
        <span className="text-soft">
          {t.rich("openAmount", { amount: () => <Money value={inCurrency(order.open.total, order.amount)} /> })}
        </span>
      </div>
    </>
  );
}
