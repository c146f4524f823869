"use client";

import { useState } from "react";
import { useList } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useBusinessNow } from "@/features/sandbox/business-now";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Id } from "@/ui/id";
import { Secret } from "@/ui/secret";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { KeyActions } from "./api-key-actions";
import { BudgetsSheet } from "./budgets-sheet";
import { type ApiKey, stateOfKey } from "./contract";
import { CreateKey } from "./create-key";

/** The keys programs use, each with its permissions and its last use. */
export function ApiKeysPage() {
  const { tenant } = useSession();
  const can = useCan();
  const [made, setMade] = useState<ApiKey | null>(null);
  const list = useList<ApiKey>("/api-keys");
  return (
    <>
      <PageHeader
        title="API keys"
        note={`For programs that work in ${tenant.name}, ${tenant.mode === "sandbox" ? "in its sandbox" : "with real money"}`}
        actions={can("api_keys:write") && <CreateKey onMade={setMade} />}
      />
      <Sheet flush>
        <DataTable
          name="api-keys"
          caption="API keys, the newest first"
          columns={columns(can("api_keys:write") ? setMade : null)}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title="No keys"
              why="A program proves with a key who it is and what it may do."
              example="Web shop · payments:create · last used 2 minutes ago"
            />
          }
        />
      </Sheet>
      <div className="mt-6">
        <BudgetsSheet keys={list.rows} />
      </div>
      <Dialog
        open={made !== null}
        onOpenChange={(open) => !open && setMade(null)}
        title="Copy the key now"
        description="It is shown only this once; we keep no copy of it"
      >
        {made?.key && <Secret name="Key" text={made.key} />}
      </Dialog>
    </>
  );
}

function columns(onMade: ((key: ApiKey) => void) | null): Column<ApiKey>[] {
  const shown: Column<ApiKey>[] = [
    { key: "name", header: "Name", cell: (row) => <NameOfKey row={row} /> },
    { key: "state", header: "State", cell: (row) => <KeyState row={row} /> },
    { key: "permissions", header: "May do", cell: (row) => <Permissions names={row.permissions} /> },
    { key: "networks", header: "From", cell: (row) => row.networks.join(", ") || "Anywhere" },
    {
      key: "used",
      header: "Last used",
      cell: (row) => (row.last_used_at ? <When at={row.last_used_at} beside /> : "Never"),
    },
    { key: "expires", header: "Ends", cell: (row) => <When at={row.revoked_at ?? row.expires_at} /> },
    { key: "id", header: "Id", cell: (row) => <Id value={row.id} />, hidden: true },
  ];
  if (onMade === null) return shown;
  return [
    ...shown,
    { key: "actions", header: "Actions", align: "right", cell: (row) => <KeyActions row={row} onMade={onMade} /> },
  ];
}

function NameOfKey({ row }: { row: ApiKey }) {
  return (
    <>
      <span className="font-medium">{row.name}</span>
      <br />
      <span className="whitespace-nowrap font-mono text-soft text-xs">{row.hint}</span>
    </>
  );
}

function KeyState({ row }: { row: ApiKey }) {
  const state = stateOfKey(row, useBusinessNow());
  return <State state={state} tone={state === "replaced" ? "waiting" : undefined} />;
}

function Permissions({ names }: { names: string[] }) {
  if (names.length < 3) return <span className="font-mono text-xs">{names.join(", ")}</span>;
  return (
    <details>
      <summary className="whitespace-nowrap text-xs">{names.length} permissions</summary>
      <ul className="font-mono text-xs">
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </details>
  );
}
