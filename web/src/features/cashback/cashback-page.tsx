"use client";

import { Send } from "lucide-react";
import { useList, useThing } from "@/client/queries";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import { AccrualState, WhyButton } from "./accrual-parts";
import { BringAFriend } from "./bring-a-friend";
import type { Accrual, Summary } from "./contract";

const DEFAULTS = { status: "" };
const STATUSES: [string, string][] = [
  ["", "All"],
  ["pending", "Pending"],
  ["confirmed", "Confirmed"],
  ["available", "Available"],
  ["paid", "Spent"],
  ["expired", "Expired"],
  ["reversed", "Reversed"],
];

/** A customer's cashback: what can be spent, what is on its way, and why each piece is as much as it is. */
export function CashbackPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const summaries = useThing<{ data: Summary[] }>("/cashback/summary");
  const list = useList<Accrual>("/cashback/accruals", { status: view.status });
  return (
    <>
      <PageHeader title="Cashback" note="It is spent before your own money, down to the last cent" />
      {summaries.isPending && <Skeleton lines={4} />}
      {summaries.error && <ErrorState problem={summaries.error} onRetry={() => summaries.refetch()} />}
      <div className="mb-6 grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {summaries.data?.data.map((summary) => (
          <SummaryCard key={summary.currency} summary={summary} />
        ))}
      </div>
      <div className="no-print mb-4">
        <Chips label="State" options={STATUSES} value={view.status} onChange={(status) => change({ status })} />
      </div>
      <Sheet flush>
        <DataTable
          name="cashback"
          caption="Your cashback, the newest first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title={view.status ? "Nothing in this state" : "No cashback yet"}
              why="Shops with an offer give a part of what you pay back to you."
              example="Kedai Senja · you paid IDR 150,000.00 · IDR 7,500.00 back"
            />
          }
        />
      </Sheet>
      <BringAFriend accruals={list.rows} />
    </>
  );
}

function SummaryCard({ summary }: { summary: Summary }) {
  const next = summary.lots.find((lot) => lot.expires_at);
  return (
    <Sheet>
      <h2 className="font-medium text-sm text-soft">{summary.currency}</h2>
      <p className="mt-3 text-soft text-xs">Available</p>
      <p className="mt-1 font-medium text-xl">
        <Money
          value={summary.available}
          href={summary.wallet_id ? `/wallets/activity/?id=${summary.wallet_id}` : undefined}
        />
      </p>
      {next?.expires_at && (
        <p className="mt-2 rounded bg-waiting-back px-2 py-1 text-waiting text-xs">
          <Money value={next.left} quietCode={false} /> runs out on <When at={next.expires_at} />
        </p>
      )}
      <div className="mt-3 border-rule border-t">
        <Facts facts={factsOf(summary)} />
      </div>
      {summary.wallet_id && summary.available.amount > 0 && (
        <ButtonLink href={`/wallets/send/?from=${summary.wallet_id}`} icon={<Send size={14} aria-hidden />}>
          Spend
        </ButtonLink>
      )}
    </Sheet>
  );
}

function factsOf(summary: Summary): Fact[] {
  const rows: [string, Summary["pending"]][] = [
    ["On its way", summary.pending],
    ["Runs out within 30 days", summary.expiring],
    ["Spent so far", summary.spent],
    ["Ran out", summary.expired],
    ["You owe", summary.owed],
  ];
  const always = ["On its way", "Spent so far"];
  return rows
    .filter(([name, value]) => value.amount > 0 || always.includes(name))
    .map(([name, value]): Fact => [name, <Money key={name} value={value} />]);
}

const COLUMNS: Column<Accrual>[] = [
  { key: "created", header: "Bought", file: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
  {
    key: "merchant",
    header: "At",
    file: (row) => row.merchant_name ?? row.merchant_id,
    cell: (row) => <span className="font-medium">{row.merchant_name ?? "A shop"}</span>,
  },
  {
    key: "offer",
    header: "Offer",
    file: (row) => row.offer_name,
    cell: (row) => row.offer_name ?? "—",
  },
  { key: "status", header: "State", file: (row) => row.status, cell: (row) => <AccrualState accrual={row} /> },
  { key: "next", header: "Next", cell: (row) => <Next accrual={row} /> },
  {
    key: "paid",
    header: "You paid",
    align: "right",
    file: (row) => row.purchase_amount ?? null,
    cell: (row) => (row.purchase_amount ? <Money value={row.purchase_amount} /> : "—"),
  },
  {
    key: "kept",
    header: "Cashback",
    align: "right",
    file: (row) => row.kept,
    cell: (row) => <Money value={row.kept} className="font-medium" />,
  },
  { key: "why", header: "Why", align: "right", cell: (row) => <WhyButton accrual={row} /> },
];

/** What happens to it next, and when. */
function Next({ accrual }: { accrual: Accrual }) {
  if (accrual.status === "pending") return <span className="text-soft">The shop confirms it</span>;
  if (accrual.status === "confirmed")
    return (
      <>
        Available <When at={accrual.matures_at} />
      </>
    );
  if (accrual.status === "available" && accrual.expires_at && accrual.left?.amount !== 0)
    return (
      <>
        Runs out <When at={accrual.expires_at} />
      </>
    );
  return <span className="text-soft">—</span>;
}
