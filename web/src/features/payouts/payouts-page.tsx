"use client";

import { Landmark } from "lucide-react";
import { useList } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { accountName } from "./banks";
import type { PayoutRow } from "./contract";

const DEFAULTS = { status: "", q: "" };

const STATUSES: [string, string][] = [
  ["", "All"],
  ["requested", "Needs approval"],
  ["sent", "Sent"],
  ["unknown", "Unknown"],
  ["succeeded", "Succeeded"],
  ["failed", "Failed"],
  ["returned", "Returned"],
  ["cancelled", "Cancelled"],
];

const viewOf = (row: PayoutRow) => `/payouts/view/?id=${row.id}`;

const PARTY: Column<PayoutRow> = {
  key: "party",
  header: "From",
  file: (row) => row.party_name ?? row.party_id,
  cell: (row) => row.party_name ?? <Id value={row.party_id} />,
};

const COLUMNS: Column<PayoutRow>[] = [
  { key: "created", header: "Asked", file: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
  PARTY,
  {
    key: "to",
    header: "To",
    file: (row) => row.to,
    cell: (row) => (
      <Link href={viewOf(row)} className="font-medium hover:underline">
        {accountName(row.to)}
      </Link>
    ),
  },
  { key: "reference", header: "Reference", file: (row) => row.reference, cell: (row) => row.reference },
  { key: "id", header: "Id", file: (row) => row.id, cell: (row) => <Id value={row.id} />, hidden: true },
  {
    key: "status",
    header: "State",
    file: (row) => row.status,
    cell: (row) => <PayoutState row={row} />,
  },
  {
    key: "fee",
    header: "Fee",
    file: (row) => row.fee,
    align: "right",
    hidden: true,
    cell: (row) => <Money value={row.fee} href={`${viewOf(row)}#postings`} />,
  },
  {
    key: "amount",
    header: "Amount",
    file: (row) => row.amount,
    align: "right",
    cell: (row) => <Money value={row.amount} href={`${viewOf(row)}#postings`} className="font-medium" />,
  },
];

function PayoutState({ row }: { row: PayoutRow }) {
  if (row.attention) return <State state={row.status} tone="review" word="Needs a look" />;
  if (row.status === "requested") return <State state="needs_approval" />;
  return <State state={row.status} />;
}

export function PayoutsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const { party_id: own } = useSession();
  const can = useCan();
  const list = useList<PayoutRow>("/payouts", { status: view.status, q: view.q });
  return (
    <>
      <PageHeader
        title="Payouts"
        note="Money that leaves for a bank account or an e-wallet"
        actions={
          <>
            <ButtonLink href="/payouts/accounts/" icon={<Landmark size={14} aria-hidden />}>
              Accounts
            </ButtonLink>
            <ButtonLink href="/payouts/batches/">Batches</ButtonLink>
            {can("providers:read") && <ButtonLink href="/payouts/settings/">Settings</ButtonLink>}
            {own !== null && can("payouts:create") && (
              <ButtonLink href="/payouts/withdraw/" kind="primary">
                Withdraw
              </ButtonLink>
            )}
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-end gap-3">
        <SearchBox label="Id or reference" value={view.q} onSearch={(q) => change({ q })} />
        <Chips label="State" options={STATUSES} value={view.status} onChange={(status) => change({ status })} />
      </div>
      <Sheet flush>
        <DataTable
          name="payouts"
          caption="Payouts, the newest first"
          columns={own === null ? COLUMNS : COLUMNS.filter((column) => column !== PARTY)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={viewOf}
          empty={
            <EmptyState
              title={view.status || view.q ? "No payout fits" : "No payouts yet"}
              why="A payout takes money out of a wallet to a confirmed account. Its money is set aside at once."
              example="014 ••••7890 · Succeeded · IDR 250,000.00"
            />
          }
        />
      </Sheet>
    </>
  );
}
