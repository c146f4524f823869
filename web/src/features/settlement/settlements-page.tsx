"use client";

import { SlidersHorizontal } from "lucide-react";
import { useList } from "@/client/queries";
import { useSession } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { When } from "@/ui/when";
import { type Settlement, viewOf } from "./contract";
import { SettleNow } from "./settle-now";
import { SettlementState } from "./settlement-state";

const DEFAULTS = { since: "", until: "" };

const MERCHANT: Column<Settlement> = {
  key: "merchant",
  header: "Merchant",
  file: (row) => row.merchant_name ?? row.merchant_id,
  cell: (row) => row.merchant_name ?? <Id value={row.merchant_id} />,
};

const COLUMNS: Column<Settlement>[] = [
  {
    key: "day",
    header: "Business day",
    file: (row) => row.day,
    cell: (row) => (
      <Link href={viewOf(row.id)} className="figures font-medium hover:underline">
        {row.day}
      </Link>
    ),
  },
  MERCHANT,
  { key: "state", header: "State", file: (row) => row.status, cell: (row) => <SettlementState status={row.status} /> },
  { key: "made", header: "Made", file: (row) => row.made_at, cell: (row) => <When at={row.made_at} />, hidden: true },
  { key: "id", header: "Id", file: (row) => row.id, cell: (row) => <Id value={row.id} />, hidden: true },
  {
    key: "payout",
    header: "Payout",
    file: (row) => row.payout,
    align: "right",
    cell: (row) => <Money value={row.payout} href={`${viewOf(row.id)}#lines`} className="font-medium" />,
  },
];

export function SettlementsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const { party_id: own } = useSession();
  const list = useList<Settlement>("/settlements", { since: view.since || null, until: view.until || null });
  const isNarrowed = view.since !== "" || view.until !== "";
  return (
    <>
      <PageHeader
        title="Settlements"
        note="What merchants were paid over, business day by business day"
        actions={
          <>
            <ButtonLink href="/settlements/terms/" icon={<SlidersHorizontal size={14} aria-hidden />}>
              Terms
            </ButtonLink>
            <SettleNow />
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-end gap-3">
        <TextField
          label="From day"
          type="date"
          value={view.since}
          onChange={(event) => change({ since: event.target.value })}
        />
        <TextField
          label="To day"
          type="date"
          value={view.until}
          onChange={(event) => change({ until: event.target.value })}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="settlements"
          caption="Settlements, the newest first"
          columns={own === null ? COLUMNS : COLUMNS.filter((column) => column !== MERCHANT)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={(row) => viewOf(row.id)}
          empty={
            <EmptyState
              title={isNarrowed ? "No settlement in these days" : "No settlements yet"}
              why="A merchant with settlement terms is paid over on business days what it was owed at the cut-off, less refunds, reserve and fee."
              example="2026-11-24 · Paid out · IDR 1,410,750.00"
            />
          }
        />
      </Sheet>
    </>
  );
}
