"use client";

import { Plus } from "lucide-react";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { type Quote, quoteHref } from "./contract";
import { QuoteState } from "./sales-state";

const DEFAULTS = { show: "" };
const SHOWS: [value: string, name: string][] = [
  ["", "All"],
  ["draft", "Drafts"],
  ["sent", "Sent"],
  ["accepted", "Accepted"],
  ["declined", "Declined"],
  ["expired", "Expired"],
];

const COLUMNS: Column<Quote>[] = [
  {
    key: "number",
    header: "Number",
    file: (row) => row.number,
    cell: (row) => (
      <span className="figures whitespace-nowrap font-medium">
        {row.number}
        {row.version > 1 && <span className="ml-2 font-normal text-soft text-xs">version {row.version}</span>}
      </span>
    ),
  },
  {
    key: "customer",
    header: "Customer",
    file: (row) => row.customer_name ?? row.customer_id,
    cell: (row) => row.customer_name ?? "—",
  },
  { key: "state", header: "State", file: (row) => row.state, cell: (row) => <QuoteState state={row.state} /> },
  {
    key: "until",
    header: "Valid until",
    file: (row) => row.valid_until,
    cell: (row) => formatPlainDay(row.valid_until, readerLocale()),
  },
  {
    key: "total",
    header: "Total",
    file: (row) => row.total,
    align: "right",
    cell: (row) => <Money value={row.total} href={quoteHref(row)} />,
  },
];

/** Every quote and how its customer answered. */
export function QuotesPage() {
  const can = useCan();
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<Quote>("/quotes", view.show ? { state: view.show } : {});
  return (
    <>
      <PageHeader
        title="Quotes"
        note="What was offered, and how it was answered"
        actions={
          can("billing:write") && (
            <ButtonLink kind="primary" href="/quotes/new/" icon={<Plus size={14} aria-hidden />}>
              New quote
            </ButtonLink>
          )
        }
      />
      <div className="no-print mb-4">
        <Chips label="Show" options={SHOWS} value={view.show} onChange={(show) => change({ show })} />
      </div>
      <Sheet flush>
        <DataTable
          name="quotes"
          caption="Quotes, the newest first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          rowHref={quoteHref}
          empty={
            <EmptyState
              title={view.show ? "No quote fits" : "No quotes yet"}
              why="A quote is accepted on its own page and becomes an order without retyping."
              example="Q-00042 · Hotel Merdeka · valid until 5 Dec · IDR 4,107,000.00"
            />
          }
        />
      </Sheet>
    </>
  );
}
