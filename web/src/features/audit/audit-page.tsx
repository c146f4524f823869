"use client";

import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { Actor, Thing } from "@/features/names/names";
import { pageOfId } from "@/features/shell/page-of-id";
import { startOfBusinessDay } from "@/lib/dates";
import { useUrlState } from "@/lib/url-state";
import { DownloadLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { JsonView } from "@/ui/json-view";
import { Link } from "@/ui/link";
import { SearchBox } from "@/ui/search-box";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { useZone } from "@/ui/zone";
import type { AuditRow } from "./contract";

const DEFAULTS = { q: "", actor: "", since: "", row: "" };

export function AuditPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const zone = useZone();
  const filter = { q: view.q, actor: view.actor, from: view.since && startOfBusinessDay(view.since, zone) };
  const list = useList<AuditRow>("/audit", filter);
  const opened = list.rows.find((row) => row.id === view.row);
  return (
    <>
      <PageHeader
        title="Audit log"
        note="Who did what, with the values before and after; rows are only ever added"
        actions={<ExportLink filter={filter} />}
      />
      <div className="no-print mb-4 flex flex-wrap items-end gap-3">
        <SearchBox label="Action, subject, reason or value" value={view.q} onSearch={(q) => change({ q })} />
        <TextField
          label="Since"
          type="date"
          value={view.since}
          onChange={(event) => change({ since: event.target.value })}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="audit"
          views
          caption="Acts, the newest first"
          columns={columns((row) => change({ row }))}
          list={list}
          rowKey={(row) => row.id}
          rowHref={(row) => `/audit/?row=${row.id}`}
          empty={
            <EmptyState
              title="Nothing to show"
              why="Every change somebody makes is written here."
              example="21 Nov 2026 · sari · kyc.approve · party"
            />
          }
        />
      </Sheet>
      <Dialog open={opened !== undefined} onOpenChange={(open) => !open && change({ row: "" })} title="Act" side="end">
        {opened && <Act row={opened} />}
      </Dialog>
    </>
  );
}

function ExportLink({ filter }: { filter: Record<string, string> }) {
  const filled = Object.entries(filter).filter(([, value]) => value !== "");
  const query = new URLSearchParams([["format", "csv"], ...filled]);
  return <DownloadLink href={`/api/v1/audit/export?${query}`}>Export these rows</DownloadLink>;
}

function columns(onOpen: (id: string) => void): Column<AuditRow>[] {
  return [
    { key: "n", header: "No.", cell: (row) => <span className="figures text-soft">{row.n ?? "—"}</span>, hidden: true },
    { key: "at", header: "When", cell: (row) => <When at={row.at} show="seconds" /> },
    {
      key: "action",
      header: "Action",
      cell: (row) => (
        <button type="button" onClick={() => onOpen(row.id)} className="font-medium hover:underline">
          {row.action}
        </button>
      ),
    },
    { key: "subject", header: "Subject", cell: (row) => <Thing id={row.subject.id} /> },
    { key: "actor", header: "Who", cell: (row) => <Actor value={row.actor} /> },
    { key: "reason", header: "Reason", cell: (row) => row.reason ?? "—" },
  ];
}

/** The request that did it, opened where requests are read; whoever may not read them still sees its id. */
function RequestLink({ id }: { id: string }) {
  const can = useCan();
  if (!can("requests:read")) return <Id value={id} />;
  return (
    <span className="inline-flex flex-wrap items-baseline justify-end gap-x-2">
      <Id value={id} />
      <Link href={pageOfId(id) ?? "/developers/requests/"} className="text-accent underline underline-offset-4">
        Open
        <span className="sr-only"> the request</span>
      </Link>
    </span>
  );
}

function Act({ row }: { row: AuditRow }) {
  const facts: Fact[] = [
    ["When", <When key="at" at={row.at} show="seconds" />],
    ["Action", row.action],
    [stateWord(row.subject.kind), <Thing key="subject" id={row.subject.id} />],
    ["Its id", <Id key="subject-id" value={row.subject.id} />],
    ["Who", <Actor key="actor" value={row.actor} />],
    ["Their id", <Id key="actor-id" value={row.actor} />],
    ["Reason", row.reason ?? "—"],
    ["Request", <RequestLink key="request" id={row.request_id} />],
    ["Number in the chain", row.n ?? "Not sealed yet"],
  ];
  return (
    <div className="space-y-4">
      <Facts facts={facts} />
      <h3 className="text-sm">Before</h3>
      <JsonView value={row.before} label="Values before" />
      <h3 className="text-sm">After</h3>
      <JsonView value={row.after} label="Values after" />
    </div>
  );
}
