"use client";

import { Plus } from "lucide-react";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { NewParty } from "@/features/parties/new-party";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { type Order, orderHref } from "./contract";

const SHOWS: [value: string, name: string][] = [
  ["", "All"],
  ["open", "Open"],
  ["closed", "Closed"],
];

const COLUMNS: Column<Order>[] = [
  {
    key: "number",
    header: "Number",
    file: (row) => row.number,
    cell: (row) => <span className="figures whitespace-nowrap font-medium">{row.number}</span>,
  },
  {
    key: "supplier",
    header: "Supplier",
    file: (row) => row.supplier_name ?? row.supplier_id,
    cell: (row) => row.supplier_name ?? "—",
  },
  { key: "state", header: "State", file: (row) => row.state, cell: (row) => <State state={row.state} /> },
  {
    key: "ordered",
    header: "Ordered",
    file: (row) => row.ordered_on,
    cell: (row) => formatPlainDay(row.ordered_on, readerLocale()),
  },
  {
    key: "total",
    header: "Total",
    file: (row) => row.total,
    align: "right",
    cell: (row) => <Money value={row.total} href={orderHref(row)} />,
  },
];

/** What suppliers were asked for. */
export function PurchaseOrdersPage() {
  const can = useCan();
  const [view, change] = useUrlState({ show: "" });
  const list = useList<Order>("/payables/orders", view.show ? { state: view.show } : {});
  return (
    <>
      <PageHeader
        title="Purchase orders"
        note="An order posts nothing; what comes of it does"
        actions={
          <>
            <ButtonLink href="/bills/">Bills</ButtonLink>
            <NewParty as="supplier" />
            {can("payables:write") && (
              <ButtonLink kind="primary" href="/purchase-orders/new/" icon={<Plus size={14} aria-hidden />}>
                New order
              </ButtonLink>
            )}
          </>
        }
      />
      <div className="no-print mb-4">
        <Chips label="Show" options={SHOWS} value={view.show} onChange={(show) => change({ show })} />
      </div>
      <Sheet flush>
        <DataTable
          name="purchase-orders"
          caption="Purchase orders, the newest first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          rowHref={orderHref}
          empty={
            <EmptyState
              title={view.show ? "No order fits" : "Nothing was ordered yet"}
              why="Order from a supplier, take in what comes, and its bill is checked against both."
              example="PO-00017 · Kemas Rapi · IDR 1,800,000.00"
            />
          }
        />
      </Sheet>
    </>
  );
}
