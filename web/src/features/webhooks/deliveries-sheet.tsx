"use client";

import { useList } from "@/client/queries";
import { EventTypeSelect } from "@/features/events/event-type-select";
import { HttpStatus } from "@/features/reports/http-status";
import { useUrlState } from "@/lib/url-state";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Link } from "@/ui/link";
import { Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Delivery } from "./contract";
import { deliveryWord } from "./delivery-word";

const DEFAULTS = { state: "", type: "", code: "" };

/** Deliveries of one endpoint, or of all, by state, kind of event and the answer they got. */
export function DeliveriesSheet({ endpointId = "" }: { endpointId?: string }) {
  const [view, change] = useUrlState(DEFAULTS);
  const filter = { state: view.state, type: view.type, status_code: view.code, endpoint_id: endpointId };
  const list = useList<Delivery>("/webhook-deliveries", filter);
  return (
    <Sheet title="Deliveries" flush>
      <div className="no-print flex flex-wrap items-center gap-3 p-4">
        <EventTypeSelect value={view.type} onChange={(type) => change({ type })} />
        <Chips
          label="State"
          value={view.state}
          onChange={(state) => change({ state })}
          options={[
            ["", "All"],
            ["pending", "Pending"],
            ["delivered", "Delivered"],
            ["dead", "Given up"],
          ]}
        />
        <Chips
          label="Answer"
          value={view.code}
          onChange={(code) => change({ code })}
          options={[
            ["", "Any answer"],
            ["200", "200"],
            ["204", "204"],
            ["404", "404"],
            ["500", "500"],
            ["502", "502"],
          ]}
        />
      </div>
      <DataTable
        name="deliveries"
        caption="Deliveries, the newest first"
        columns={COLUMNS}
        list={list}
        rowKey={(row) => row.id}
        rowHref={pageOf}
        empty={
          <EmptyState
            title="No deliveries"
            why="Each event that an endpoint wants is one line here, with every attempt behind it."
            example="payment.paid · Delivered · 200 · 1 attempt"
          />
        }
      />
    </Sheet>
  );
}

const pageOf = (row: Delivery) => `/developers/webhooks/delivery/?id=${row.id}`;

const COLUMNS: Column<Delivery>[] = [
  {
    key: "type",
    header: "Event",
    file: (row) => row.event_type,
    cell: (row) => (
      <Link href={pageOf(row)} className="font-mono text-xs hover:underline">
        {row.event_type}
      </Link>
    ),
  },
  {
    key: "state",
    header: "State",
    file: (row) => row.state,
    cell: (row) => <State state={row.state} word={deliveryWord(row.state)} />,
  },
  {
    key: "status",
    header: "Answer",
    file: (row) => row.status_code ?? row.error,
    cell: (row) => (row.status_code ? <HttpStatus status={row.status_code} /> : (row.error ?? "—")),
  },
  {
    key: "attempts",
    header: "Attempts",
    file: (row) => row.attempts,
    align: "right",
    cell: (row) => <span className="figures">{row.attempts}</span>,
  },
  {
    key: "next",
    header: "Next attempt",
    file: (row) => row.next_attempt_at,
    cell: (row) => <When at={row.next_attempt_at} />,
  },
  {
    key: "at",
    header: "Made",
    align: "right",
    file: (row) => row.created_at,
    cell: (row) => <When at={row.created_at} />,
  },
];
