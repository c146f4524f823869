"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { invoiceHref } from "@/features/billing/contract";
import { InvoiceState } from "@/features/billing/invoice-state";
import { CustomerLink } from "@/features/crm/customer-link";
import { Thing } from "@/features/names/names";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import { WideTable } from "@/ui/wide-table";
import { ORDER_MEANING, type OrderLine, type SalesOrderDetail } from "./contract";
import { OrderActions } from "./order-actions";
import { OrderState } from "./sales-state";

/** One order: of each line what is open, what left, and what charges for it. */
export function OrderPage() {
  const id = useSearchParams().get("id");
  const order = useThing<SalesOrderDetail>(id ? `/sales-orders/${encodeURIComponent(id)}` : null, undefined, 5000);
  if (!id) return <EmptyState title="Which order?" why="The address names none. Open one from the list." />;
  if (order.error) return <ErrorState problem={order.error} onRetry={() => order.refetch()} />;
  if (!order.data) return <Skeleton lines={8} />;
  return <OrderView order={order.data} />;
}

function OrderView({ order }: { order: SalesOrderDetail }) {
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {order.number}
            <span role="status">
              <OrderState state={order.state} />
            </span>
          </span>
        }
        note={
          <>
            {order.customer_name} · {ORDER_MEANING[order.state]}
          </>
        }
        actions={<OrderActions order={order} />}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title="Lines" flush>
            <Waits lines={order.lines} />
            <LineTable lines={order.lines} />
          </Sheet>
          <Sheet title="Deliveries">
            <Shipments order={order} />
          </Sheet>
          <Sheet title="Invoices">
            <Invoices order={order} />
          </Sheet>
        </div>
        <Sheet title="Details">
          <Facts facts={detailsOf(order)} />
        </Sheet>
      </div>
    </>
  );
}

/** What an order waits for, and that nobody has to look after it. */
function Waits({ lines }: { lines: OrderLine[] }) {
  const waiting = lines.filter((line) => line.waits_for !== "0");
  if (waiting.length === 0) return null;
  const goods = waiting.map((line) => [line.waits_for, line.unit, line.description].filter(Boolean).join(" "));
  return (
    <p role="status" className="border-rule border-b px-4 py-3 text-sm">
      Waits for {goods.join(", ")}. What comes is kept aside for this order, after those that were here before it.
    </p>
  );
}

const COLUMNS: [name: string, of: (line: OrderLine) => string][] = [
  ["Ordered", (line) => line.quantity],
  ["Delivered", (line) => (line.is_goods ? line.delivered : "—")],
  ["Kept aside", (line) => (line.to_deliver === "0" ? "—" : line.reserved)],
  ["Invoiced", (line) => line.invoiced],
  ["Credited", (line) => (line.credited === "0" ? "—" : line.credited)],
  ["Cancelled", (line) => (line.cancelled === "0" ? "—" : line.cancelled)],
];

function LineTable({ lines }: { lines: OrderLine[] }) {
  // What nothing happened to takes no room from the amounts.
  const columns = COLUMNS.filter(([, of]) => lines.some((line) => of(line) !== "—"));
  return (
    <WideTable label="Lines of the order">
      <table className="w-full text-sm">
        <caption className="sr-only">Lines of the order</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            <th scope="col" className="px-4 py-2 text-left font-medium">
              Description
            </th>
            {[...columns.map(([name]) => name), "Net"].map((name) => (
              <th key={name} scope="col" className="px-4 py-2 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {lines.map((line) => (
            <tr key={line.n}>
              <td className="px-4 py-2">
                {line.description}
                {line.unit && <span className="ml-2 text-soft text-xs">{line.unit}</span>}
              </td>
              {columns.map(([name, of]) => (
                <td key={name} className="figures whitespace-nowrap px-4 py-2 text-right">
                  {of(line)}
                </td>
              ))}
              <td className="px-4 py-2 text-right">
                <Money value={line.net} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
}

function Shipments({ order }: { order: SalesOrderDetail }) {
  if (order.shipments.length === 0) return <p className="text-soft text-sm">Nothing has left yet.</p>;
  return (
    <ul className="divide-y divide-rule text-sm">
      {order.shipments.map((made) => (
        <li key={made.id} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2">
          <span>
            {Object.entries(made.lines)
              .map(([n, quantity]) => spoken(order, Number(n), quantity))
              .join(", ")}
          </span>
          <span className="flex flex-wrap items-baseline gap-x-4 text-soft text-xs">
            <When at={made.created_at} />
            {made.entry_id && (
              <Link href={`/ledger/entry/?id=${made.entry_id}`} className="text-accent underline underline-offset-4">
                What it cost
              </Link>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function spoken(order: SalesOrderDetail, n: number, quantity: string): string {
  const line = order.lines.find((each) => each.n === n);
  return [quantity, line?.unit, line?.description].filter(Boolean).join(" ");
}

function Invoices({ order }: { order: SalesOrderDetail }) {
  if (order.invoices.length === 0) return <p className="text-soft text-sm">Nothing has been charged yet.</p>;
  return (
    <ul className="divide-y divide-rule text-sm">
      {order.invoices.map((invoice) => (
        <li key={invoice.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
          <span className="flex flex-wrap items-center gap-3">
            <Link href={invoiceHref(invoice)} className="figures font-medium underline underline-offset-4">
              {invoice.number}
            </Link>
            <InvoiceState invoice={{ state: invoice.state, days_late: 0 }} />
          </span>
          <Money value={invoice.total} href={`${invoiceHref(invoice)}#postings`} />
        </li>
      ))}
    </ul>
  );
}

function detailsOf(order: SalesOrderDetail): Fact[] {
  return [
    ["Id", <Id key="id" value={order.id} />],
    ["Customer", <CustomerLink key="customer" id={order.customer_id} name={order.customer_name} />],
    ["Net", <Money key="net" value={order.net} />],
    ["Tax", <Money key="tax" value={order.tax} />],
    ["Total", <Money key="total" value={order.total} className="font-medium" />],
    ...(order.quote_id ? [["Quote", <Thing key="quote" id={order.quote_id} />] as Fact] : []),
    ...(order.reference ? [["Their reference", order.reference] as Fact] : []),
    ...(order.note ? [["Note", order.note] as Fact] : []),
    ["Ordered", <When key="at" at={order.created_at} />],
  ];
}
