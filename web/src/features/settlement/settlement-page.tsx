"use client";

import { useSearchParams } from "next/navigation";
import { api } from "@/client/api";
import { useList, useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Named } from "@/features/names/names";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { causeName, isOfOwnEntry, meaningOf, type SettledPosting, type SettlementDetail, soldBy } from "./contract";
import { LineTable } from "./line-table";
import { SettlementState } from "./settlement-state";

const LOOK_AGAIN_MS = 3_000;

export function SettlementPage() {
  const id = useSearchParams().get("id");
  const path = id ? `/settlements/${encodeURIComponent(id)}` : null;
  const first = useThing<SettlementDetail>(path);
  const isUnderWay = first.data?.status === "paying_out";
  const found = useThing<SettlementDetail>(path, undefined, isUnderWay ? LOOK_AGAIN_MS : false);
  if (!id) return <EmptyState title="Which settlement?" why="The address names none. Open one from the list." />;
  if (found.error) return <ErrorState problem={found.error} onRetry={() => found.refetch()} />;
  if (!found.data) return <Skeleton lines={8} />;
  return <SettlementView settlement={found.data} />;
}

function SettlementView({ settlement }: { settlement: SettlementDetail }) {
  const can = useCan();
  const entry = can("ledger:read") ? `/ledger/entry/?id=${settlement.entry_id}` : undefined;
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            <Money value={settlement.payout} href={entry ?? "#lines"} quietCode />
            <span role="status">
              <SettlementState status={settlement.status} />
            </span>
          </span>
        }
        note={meaningOf(settlement.status)}
        actions={<PayOutAgain settlement={settlement} />}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title="Lines" flush>
            <div id="lines">
              <LineTable
                lines={settlement.lines}
                payout={settlement.payout}
                hrefOf={(line) => (isOfOwnEntry(line.cause) ? (entry ?? "#lines") : "#postings")}
                payoutHref={entry}
              />
            </div>
          </Sheet>
          <Postings settlement={settlement} />
        </div>
        <div className="space-y-6">
          <Sheet title="Details">
            <Facts facts={factsOf(settlement)} />
          </Sheet>
          <Payouts settlement={settlement} />
        </div>
      </div>
    </>
  );
}

function PayOutAgain({ settlement }: { settlement: SettlementDetail }) {
  const can = useCan();
  const act = useAction();
  if (settlement.status !== "not_paid_out" || !can("settlements:manage")) return null;
  const key = `pay-out-${settlement.id}-${settlement.payouts.length}`;
  const send = () => api.post(`/settlements/${settlement.id}/pay-out`, {}, { idempotencyKey: key });
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" busy={act.busy} onClick={() => act.run(send)}>
        Pay out again
      </Button>
    </>
  );
}

function Payouts({ settlement }: { settlement: SettlementDetail }) {
  if (settlement.payouts.length === 0 && !settlement.kept_because) return null;
  return (
    <Sheet title="Payouts">
      {settlement.kept_because && (
        <p className="mb-2">No payout was made at first: {stateWord(settlement.kept_because).toLowerCase()}.</p>
      )}
      <ul className="divide-y divide-rule">
        {settlement.payouts.map((paid) => (
          <li key={paid.payout_id} className="flex items-center justify-between gap-4 py-2">
            <Link href={`/payouts/view/?id=${paid.payout_id}`} className="underline underline-offset-4">
              Payout {paid.number}
            </Link>
            <State state={paid.status} />
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

function Postings({ settlement }: { settlement: SettlementDetail }) {
  const can = useCan();
  const list = useList<SettledPosting>(`/settlements/${settlement.id}/postings`);
  const hrefOf = (row: SettledPosting) => (can("ledger:read") ? `/ledger/entry/?id=${row.entry_id}` : soldBy(row));
  const columns: Column<SettledPosting>[] = [
    { key: "at", header: "Recorded", file: (row) => row.recorded_at, cell: (row) => <When at={row.recorded_at} /> },
    { key: "cause", header: "Cause", file: (row) => row.cause, cell: (row) => causeName(row.cause) },
    {
      key: "what",
      header: "What",
      file: (row) => row.description,
      cell: (row) => {
        const sale = soldBy(row);
        return sale ? (
          <Link href={sale} className="hover:underline">
            {row.description}
          </Link>
        ) : (
          row.description
        );
      },
    },
    {
      key: "amount",
      header: "Amount",
      align: "right",
      file: (row) => row.amount,
      cell: (row) => <Money value={row.amount} href={hrefOf(row)} />,
    },
  ];
  return (
    <div id="postings">
      <Sheet title="What was owed" flush>
        <DataTable
          name="settled-postings"
          caption="Every posting this settlement took in, the oldest first"
          columns={columns}
          list={list}
          views={false}
          rowKey={(row) => `${row.entry_id}${row.line}`}
          rowHref={(row) => hrefOf(row) ?? "#postings"}
          empty={<EmptyState title="No postings" why="This settlement only released reserve." />}
        />
      </Sheet>
    </div>
  );
}

function factsOf(settlement: SettlementDetail): Fact[] {
  return [
    ["Merchant", settlement.merchant_name ?? <Id key="merchant" value={settlement.merchant_id} />],
    [
      "Business day",
      <span key="day" className="figures">
        {settlement.day}
      </span>,
    ],
    ["Sales up to", <When key="cut" at={settlement.cut_off_at} />],
    ...(settlement.reserve.amount > 0
      ? [
          ["Kept in reserve", <Money key="reserve" value={settlement.reserve} href="#lines" />] as Fact,
          ["Reserve free on", settlement.reserve_until ?? "—"] as Fact,
        ]
      : []),
    ["Made", <When key="made" at={settlement.made_at} />],
    ["Made by", <Named key="by" id={settlement.made_by} />],
    ["Id", <Id key="id" value={settlement.id} />],
  ];
}
