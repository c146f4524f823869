"use client";

import { useList } from "@/client/queries";
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
import { HANDLING, type Recurring, recurringHref, rhythmOf } from "./recurring";

const SHOWS: [value: string, name: string][] = [
  ["", "All"],
  ["active", "Active"],
  ["paused", "Paused"],
  ["ended", "Ended"],
];

const COLUMNS: Column<Recurring>[] = [
  {
    key: "customer",
    header: "Customer",
    file: (row) => row.customer_name ?? row.customer_id,
    cell: (row) => <span className="font-medium">{row.customer_name ?? "—"}</span>,
  },
  { key: "reference", header: "For", file: (row) => row.reference, cell: (row) => row.reference || "—" },
  { key: "rhythm", header: "Every", file: rhythmOf, cell: rhythmOf },
  {
    key: "next",
    header: "Next invoice",
    file: (row) => row.next_on ?? "",
    cell: (row) => (row.next_on ? formatPlainDay(row.next_on, readerLocale()) : "—"),
  },
  { key: "handling", header: "By itself", file: (row) => row.handling, cell: (row) => HANDLING[row.handling] },
  { key: "state", header: "State", file: (row) => row.state, cell: (row) => <State state={row.state} /> },
  {
    key: "total",
    header: "Each time",
    file: (row) => row.total,
    align: "right",
    cell: (row) => <Money value={row.total} href={recurringHref(row)} />,
  },
];

/** What is charged again and again, and when next. */
export function RecurringListPage() {
  const [view, change] = useUrlState({ show: "" });
  const list = useList<Recurring>("/billing/recurring-invoices", view.show ? { state: view.show } : {});
  return (
    <>
      <PageHeader
        title="Recurring invoices"
        note="Each period is charged once, on its first day by the business’s own calendar"
        actions={<ButtonLink href="/invoices/">All invoices</ButtonLink>}
      />
      <div className="no-print mb-4">
        <Chips label="Show" options={SHOWS} value={view.show} onChange={(show) => change({ show })} />
      </div>
      <Sheet flush>
        <DataTable
          name="recurring-invoices"
          caption="Recurring invoices, the newest first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          rowHref={recurringHref}
          empty={
            <EmptyState
              title={view.show ? "No recurring invoice fits" : "Nothing recurs yet"}
              why="Open an invoice and choose “Repeat”: its customer and its lines are charged again every week, month or year."
              example="Hotel Merdeka · every month · next on 1 Dec · IDR 4,107,000.00"
            />
          }
        />
      </Sheet>
    </>
  );
}
