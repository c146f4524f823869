"use client";

import { useSearchParams } from "next/navigation";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import { customerPage } from "@/features/crm/contract";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { billHref, type OrderDetail, progressOf } from "./contract";
import { LinesTable } from "./lines-table";

/** One order: what was asked for, what came, and what was billed of it. */
export function PurchaseOrderPage() {
  const id = useSearchParams().get("id");
  const path = id ? `/payables/orders/${encodeURIComponent(id)}` : null;
  const order = useThing<OrderDetail>(path, undefined, 5000);
  if (!path) return <EmptyState title="Which order?" why="The address names none. Open one from the list." />;
  if (order.error) return <ErrorState problem={order.error} onRetry={() => order.refetch()} />;
  if (!order.data) return <Skeleton lines={8} />;
  return <OrderView order={order.data} path={path} />;
}

function OrderView({ order, path }: { order: OrderDetail; path: string }) {
  const can = useCan();
  const progress = progressOf(order.lines);
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {order.number}
            <span role="status">
              <State state={order.state} />
            </span>
          </span>
        }
        note={`${order.supplier_name ?? "A supplier"} · ordered on ${formatPlainDay(order.ordered_on, readerLocale())}`}
        actions={
          <>
            {can("crm:read") && <ButtonLink href={customerPage(order.supplier_id)}>Supplier</ButtonLink>}
            <Moves order={order} path={path} />
          </>
        }
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_20rem]">
        <Sheet title="Lines" flush>
          <LinesTable
            name="Lines of the order"
            lines={order.lines}
            more={[
              { header: "Came", cell: (line) => (line.is_goods ? line.received : "—") },
              { header: "Billed", cell: (line) => line.billed },
            ]}
          />
        </Sheet>
        <div className="space-y-6">
          <Sheet title="Order">
            <Facts
              facts={[
                ["Net", <Money key="net" value={order.net} />],
                ["Tax", <Money key="tax" value={order.tax} />],
                ["Total", <Money key="total" value={order.total} className="font-medium" />],
                ["Lines that came", progress.received],
                ["Lines billed", progress.billed],
                ...(order.note ? [["Note", order.note] as Fact] : []),
              ]}
            />
          </Sheet>
          <Sheet title="Bills">
            {order.bills.length === 0 && <p className="text-soft">None yet.</p>}
            <Facts
              facts={order.bills.map(
                (bill): Fact => [
                  `${bill.number}, their ${bill.their_number}`,
                  <span key={bill.id} className="flex items-center justify-end gap-2">
                    <State state={bill.state} />
                    <Money value={bill.total} href={billHref(bill)} />
                  </span>,
                ],
              )}
            />
          </Sheet>
        </div>
      </div>
    </>
  );
}

function Moves({ order, path }: { order: OrderDetail; path: string }) {
  const can = useCan();
  const act = useAction();
  const post = useKeyedPost();
  if (order.state !== "open" || !can("payables:write")) return null;
  const comes = order.lines.some((line) => line.is_goods && Number(line.received) < Number(line.quantity));
  const billable = order.lines.some(
    (line) => Number(line.is_goods ? line.received : line.quantity) > Number(line.billed),
  );
  const receive = () => act.run(() => post(`${path}/receive`, {}, { came: order.lines.map((line) => line.received) }));
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button busy={act.busy} onClick={() => act.run(() => api.post(`${path}/close`, {}))}>
        Close order
      </Button>
      {comes && (
        <Button busy={act.busy} onClick={receive}>
          Take in all that is left
        </Button>
      )}
      {billable && (
        <ButtonLink kind="primary" href={`/bills/new/?order=${order.id}`}>
          Record its bill
        </ButtonLink>
      )}
    </>
  );
}
