"use client";

import { useList } from "@/client/queries";
import { useUrlState } from "@/lib/url-state";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Party } from "./contract";

const DEFAULTS = { state: "queue" };

/** Verifications that wait for a reviewer first; the decided ones one click away. */
export function KycQueuePage() {
  const [view, change] = useUrlState(DEFAULTS);
  const isQueue = view.state === "queue";
  const list = useList<Party>(isQueue ? "/kyc/queue" : "/parties", isQueue ? {} : { kyc_state: view.state });
  return (
    <>
      <PageHeader title="Verifications" note="Who asked to be verified, and what was decided" />
      <div className="no-print mb-4">
        <Chips
          label="State"
          value={view.state}
          onChange={(state) => change({ state })}
          options={[
            ["queue", "Waiting"],
            ["approved", "Approved"],
            ["rejected", "Rejected"],
            ["unverified", "Not handed in"],
          ]}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="kyc"
          caption="Parties and their verification"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          rowHref={reviewOf}
          empty={
            <EmptyState
              title={isQueue ? "Nobody waits" : "Nobody here"}
              why="People appear here when they hand in their details and documents."
              example="Sari Dewi · Person · In review"
            />
          }
        />
      </Sheet>
    </>
  );
}

const reviewOf = (row: Party) => `/kyc/view/?id=${row.id}`;

const COLUMNS: Column<Party>[] = [
  {
    key: "name",
    header: "Name",
    cell: (row) => (
      <Link href={reviewOf(row)} className="font-medium hover:underline">
        {row.erased ? "Erased" : row.name}
      </Link>
    ),
  },
  { key: "kind", header: "Kind", cell: (row) => stateWord(row.kind) },
  { key: "roles", header: "Roles", cell: (row) => row.roles.map(stateWord).join(", ") || "—" },
  { key: "state", header: "State", cell: (row) => <State state={row.kyc_state} /> },
  { key: "id", header: "Id", cell: (row) => <Id value={row.id} /> },
  { key: "created", header: "Since", align: "right", cell: (row) => <When at={row.created_at} /> },
];
