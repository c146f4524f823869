"use client";

import { useList } from "@/client/queries";
import { useUrlState } from "@/lib/url-state";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Id, shortId } from "@/ui/id";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { CallbackView } from "./callback-view";
import type { CallbackRow } from "./contract";

const DEFAULTS = { state: "", reference: "", id: "" };

/** Everything providers sent, kept byte by byte before it was understood. */
export function CallbacksPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<CallbackRow>("/callbacks", { state: view.state, reference: view.reference });
  return (
    <>
      <PageHeader title="Callbacks" note="What providers sent, kept byte by byte before it was understood" />
      <div className="no-print mb-4 flex flex-wrap items-center gap-3">
        <SearchBox
          label="Reference at the provider"
          value={view.reference}
          onSearch={(reference) => change({ reference })}
        />
        <Chips
          label="State"
          value={view.state}
          onChange={(state) => change({ state })}
          options={[
            ["", "All"],
            ["processed", "Processed"],
            ["ignored", "Ignored"],
            ["parked", "Parked"],
            ["dead", "Given up"],
          ]}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="callbacks"
          caption="Callbacks, the newest first"
          columns={columns((id) => change({ id }))}
          list={list}
          rowKey={(row) => row.id}
          rowHref={(row) => `/developers/callbacks/?id=${row.id}`}
          empty={
            <EmptyState
              title="No callbacks"
              why="A provider calls back when a charge changes its state."
              example="processed · charge.succeeded · 412 bytes"
            />
          }
        />
      </Sheet>
      <Dialog open={view.id !== ""} onOpenChange={(open) => !open && change({ id: "" })} title="Callback" side="end">
        {view.id && <CallbackView id={view.id} />}
      </Dialog>
    </>
  );
}

function columns(onOpen: (id: string) => void): Column<CallbackRow>[] {
  return [
    {
      key: "at",
      header: "Received",
      file: (row) => row.received_at,
      cell: (row) => <When at={row.received_at} show="seconds" />,
    },
    {
      key: "event",
      header: "Event",
      file: (row) => row.event_key,
      cell: (row) => (
        <button
          type="button"
          onClick={() => onOpen(row.id)}
          title={row.event_key}
          className="text-left font-mono text-xs hover:underline"
        >
          {shortId(row.event_key)}
        </button>
      ),
    },
    { key: "state", header: "State", file: (row) => row.state, cell: (row) => <CallbackState state={row.state} /> },
    {
      key: "reason",
      header: "Reason",
      file: (row) => row.reason,
      cell: (row) => (row.reason ? stateWord(row.reason) : "—"),
    },
    {
      key: "size",
      header: "Bytes",
      align: "right",
      file: (row) => row.size_bytes,
      cell: (row) => <span className="figures">{row.size_bytes}</span>,
    },
    { key: "id", header: "Id", file: (row) => row.id, cell: (row) => <Id value={row.id} />, hidden: true },
  ];
}

/** A callback's state; a dead one is said in words people use. */
export function CallbackState({ state }: { state: string }) {
  return <State state={state} word={state === "dead" ? "Given up" : undefined} />;
}
