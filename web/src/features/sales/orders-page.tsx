"use client";

import { Plus } from "lucide-react";
import type { Query } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { orderHref, type SalesOrder } from "./contract";
import { OrderState } from "./sales-state";

const DEFAULTS = { show: "" };
const SHOWS: [value: string, name: string][] = [
  ["", "All"],
  ["open", "Open"],
  ["waits", "Waiting for goods"],
  ["done", "Done"],
  ["cancelled", "Cancelled"],
];

/** What the API is asked for: waiting for goods is no state of an order. */
function asked(show: string): Query {
  if (show === "waits") return { waits: true };
  return show ? { state: show } : {};
}

const of = (done: number, all: number) => (all === 0 ? "—" : `${done} of ${all} lines`);

const COLUMNS: Column<SalesOrder>[] = [
  {
    key: "number",
    header: "Number",
    file: (row) => row.number,
    cell: (row) => <span className="figures whitespace-nowrap font-medium">{row.number}</span>,
  },
  {
    key: "customer",
    header: "Customer",
    file: (row) => row.customer_name ?? row.customer_id,
    cell: (row) => row.customer_name ?? "—",
  },
  { key: "state", header: "State", file: (row) => row.state, cell: (row) => <OrderState state={row.state} /> },
  {
    key: "delivered",
    header: "Delivered",
    file: (row) => of(row.progress.delivered, row.progress.goods),
    cell: (row) => of(row.progress.delivered, row.progress.goods),
  },
  {
    key: "invoiced",
    header: "Invoiced",
    file: (row) => of(row.progress.invoiced, row.progress.lines),
    cell: (row) => of(row.progress.invoiced, row.progress.lines),
  },
  {
    key: "total",
    header: "Total",
    file: (row) => row.total,
    align: "right",
    cell: (row) => <Money value={row.total} href={orderHref(row)} />,
  },
];

/** Every order and how far it is. */
export function OrdersPage() {
  const can = useCan();
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<SalesOrder>("/sales-orders", asked(view.show));
  return (
    <>
      <PageHeader
        title="Orders"
        note="What was ordered, and how much of it left and was charged"
        actions={
          can("billing:write") && (
            <ButtonLink kind="primary" href="/orders/new/" icon={<Plus size={14} aria-hidden />}>
              New order
            </ButtonLink>
          )
        }
      />
      <div className="no-print mb-4">
        <Chips label="Show" options={SHOWS} value={view.show} onChange={(show) => change({ show })} />
      </div>
      <Sheet flush>
        <DataTable
          name="orders"
          caption="Orders, the newest first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          rowHref={orderHref}
          empty={
            <EmptyState
              title={view.show ? "No order fits" : "No orders yet"}
              why="An accepted quote becomes an order; its goods leave and are charged in parts."
              example="SO-00017 · Hotel Merdeka · 2 of 3 lines delivered"
            />
          }
        />
      </Sheet>
    </>
  );
}
