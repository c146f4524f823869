"use client";

import { useList } from "@/client/queries";
import { useUrlState } from "@/lib/url-state";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { RequestRow } from "./contract";
import { HttpStatus } from "./http-status";
import { RequestView } from "./request-view";

const DEFAULTS = { status: "", path: "", key: "", id: "" };

/** Every request of the organisation with its answer, and what it wrote in the books. */
export function RequestsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<RequestRow>("/requests", { status: view.status, path: view.path, key: view.key });
  return (
    <>
      <PageHeader title="Requests" note="What was asked of the API, and what it answered" />
      <div className="no-print mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label="Path begins with /api/v1/payments" value={view.path} onSearch={(path) => change({ path })} />
        <SearchBox label="Idempotency key" value={view.key} onSearch={(key) => change({ key: key.trim() })} />
        <Chips
          label="Status"
          value={view.status}
          onChange={(status) => change({ status })}
          options={[
            ["", "All"],
            ["2xx", "2xx"],
            ["4xx", "4xx"],
            ["5xx", "5xx"],
          ]}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="requests"
          caption="Requests, the newest first"
          columns={columns((id) => change({ id }))}
          list={list}
          rowKey={(row) => `${row.request_id}${row.at}`}
          rowHref={(row) => `/developers/requests/?id=${row.request_id}`}
          empty={
            <EmptyState
              title="No requests"
              why="Each call of the API is one line here, a moment after its answer."
              example="201 · POST /api/v1/payments · 14 ms"
            />
          }
        />
      </Sheet>
      <Dialog open={view.id !== ""} onOpenChange={(open) => !open && change({ id: "" })} title="Request" side="end">
        {view.id && <RequestView id={view.id} />}
      </Dialog>
    </>
  );
}

function columns(onOpen: (id: string) => void): Column<RequestRow>[] {
  return [
    { key: "status", header: "Status", file: (row) => row.status, cell: (row) => <HttpStatus status={row.status} /> },
    {
      key: "path",
      header: "Request",
      file: (row) => `${row.method} ${row.path}`,
      cell: (row) => (
        <button
          type="button"
          onClick={() => onOpen(row.request_id)}
          className="text-left font-mono text-xs [overflow-wrap:anywhere] hover:underline"
        >
          {row.method} {row.path}
        </button>
      ),
    },
    {
      key: "problem",
      header: "Problem",
      file: (row) => row.problem_code,
      cell: (row) => row.problem_code ?? "—",
    },
    {
      key: "replayed",
      header: "Replayed",
      file: (row) => row.replayed,
      cell: (row) => (row.replayed ? <State state="replayed" /> : "—"),
    },
    {
      key: "duration",
      header: "Took",
      file: (row) => row.duration_ms,
      align: "right",
      cell: (row) => <span className="figures">{row.duration_ms} ms</span>,
    },
    {
      key: "at",
      header: "When",
      align: "right",
      file: (row) => row.at,
      cell: (row) => <When at={row.at} show="seconds" />,
    },
  ];
}
