"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Thing } from "@/features/names/names";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Merchant } from "./contract";

const DEFAULTS = { status: "" };
const STATUSES: [string, string][] = [
  ["", "All"],
  ["applied", "Waiting"],
  ["active", "Active"],
  ["suspended", "Suspended"],
];

const COLUMNS: Column<Merchant>[] = [
  {
    key: "name",
    header: "Merchant",
    file: (row) => row.name ?? row.party_id,
    cell: (row) => <Thing id={row.party_id} />,
  },
  {
    key: "status",
    header: "State",
    file: (row) => row.status,
    cell: (row) => <State state={row.status === "applied" ? "in_review" : row.status} />,
  },
  {
    key: "verified",
    header: "Identity",
    file: (row) => (row.is_verified ? "verified" : "unverified"),
    cell: (row) => <State state={row.is_verified ? "verified" : "unverified"} />,
  },
  { key: "offers", header: "Offers", cell: (row) => offersText(row.offers) },
  { key: "applied", header: "Applied", file: (row) => row.applied_at, cell: (row) => <When at={row.applied_at} /> },
  {
    key: "reason",
    header: "Last reason",
    file: (row) => row.reason,
    cell: (row) => row.reason || <span className="text-soft">—</span>,
  },
];

const DECIDE: Column<Merchant> = {
  key: "decide",
  header: "Decide",
  align: "right",
  cell: (row) => <Decide merchant={row} />,
};

/** Who may offer cashback: merchants that apply are activated by a person, once they are verified. */
export function MerchantsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const can = useCan();
  const list = useList<Merchant>("/cashback/merchants", { status: view.status });
  return (
    <>
      <PageHeader title="Cashback merchants" note="A merchant offers cashback once it is verified and activated" />
      <div className="no-print mb-4">
        <Chips label="State" options={STATUSES} value={view.status} onChange={(status) => change({ status })} />
      </div>
      <Sheet flush>
        <DataTable
          name="cashback-merchants"
          caption="Merchants of cashback, the newest first"
          columns={can("cashback:manage") ? [...COLUMNS, DECIDE] : COLUMNS}
          list={list}
          rowKey={(row) => row.party_id}
          empty={
            <EmptyState
              title={view.status ? "No merchant in this state" : "No merchant has applied"}
              why="Merchants apply on their page of offers; whoever is verified can be activated here."
              example="Kedai Senja · Verified · 3 offers"
            />
          }
        />
      </Sheet>
    </>
  );
}

function offersText(offers: Record<string, number>): string {
  const words = Object.entries(offers).map(([state, number]) => `${number} ${state}`);
  return words.length > 0 ? words.join(", ") : "None";
}

function Decide({ merchant }: { merchant: Merchant }) {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const act = useAction();
  const isActive = merchant.status === "active";
  const step = isActive ? "suspend" : "activate";

  async function submit() {
    const path = `/cashback/merchants/${merchant.party_id}/${step}`;
    if (await act.run(() => api.post(path, { reason }))) setOpen(false);
  }

  if (!isActive && !merchant.is_verified) return <span className="text-soft">Not verified yet</span>;
  return (
    <>
      <Button kind={isActive ? "danger" : "primary"} onClick={() => setOpen(true)}>
        {isActive ? "Suspend" : "Activate"}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`${isActive ? "Suspend" : "Activate"} ${merchant.name ?? "the merchant"}`}
        description={
          isActive ? "Its offers give nothing more; what they gave stays." : "It may start offers from now on."
        }
      >
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <TextField
            label="Reason"
            value={reason}
            required
            maxLength={300}
            onChange={(event) => setReason(event.target.value)}
            hint="The merchant can read it"
          />
          {act.problem && <ErrorState problem={act.problem} />}
          <Button
            kind={isActive ? "danger" : "primary"}
            type="submit"
            busy={act.busy}
            disabled={!reason.trim()}
            className="w-full"
          >
            {isActive ? "Suspend" : "Activate"}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
