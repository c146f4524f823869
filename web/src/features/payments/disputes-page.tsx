"use client";

import { useList, useThing } from "@/client/queries";
import { Thing } from "@/features/names/names";
import { useUrlState } from "@/lib/url-state";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { type Dispute, postingsOf, type Refund } from "./contract";
import { DisputeSheet } from "./dispute-sheet";

const DEFAULTS = { list: "answer", id: "" };
const FILTERS: Record<string, Record<string, string>> = {
  answer: { status: "open", submitted: "false" },
  waiting: { status: "open", submitted: "true" },
  all: {},
};

/** What customers have asked back, of all payments: disputes with the nearest deadline first, and refunds. */
export function DisputesPage() {
  const [view, change] = useUrlState(DEFAULTS);
  return (
    <>
      <PageHeader
        title="Refunds and disputes"
        note="What customers ask back; disputes that must be answered first come first"
      />
      <div className="no-print mb-4">
        <Chips
          label="Which"
          value={view.list}
          onChange={(list) => change({ list })}
          options={[
            ["answer", "To answer"],
            ["waiting", "The bank decides"],
            ["all", "All disputes"],
            ["refunds", "Refunds"],
          ]}
        />
      </div>
      <Sheet flush>
        {view.list === "refunds" ? <Refunds /> : <Disputes list={view.list} onOpen={(id) => change({ id })} />}
      </Sheet>
      <Dialog open={view.id !== ""} onOpenChange={(open) => !open && change({ id: "" })} title="Dispute" side="end">
        {view.id && <Opened id={view.id} />}
      </Dialog>
    </>
  );
}

function Disputes({ list: shown, onOpen }: { list: string; onOpen: (id: string) => void }) {
  const list = useList<Dispute>("/disputes", FILTERS[shown] ?? {});
  return (
    <DataTable
      name="disputes"
      caption="Disputes, the nearest deadline first"
      columns={disputeColumns(onOpen)}
      list={list}
      rowKey={(row) => row.id}
      rowHref={(row) => `/payments/disputes/?list=${shown}&id=${row.id}`}
      empty={
        <EmptyState
          title={shown === "answer" ? "Nothing to answer" : "No disputes"}
          why="When a customer asks the bank for the money back, the amount is held and the dispute is shown here."
          example="Answer by 28 Nov 2026 · IDR 1,500,000.00 · The customer does not recognise the payment"
        />
      }
    />
  );
}

function disputeColumns(onOpen: (id: string) => void): Column<Dispute>[] {
  return [
    { key: "by", header: "Answer by", file: (row) => row.answer_by, cell: (row) => <Deadline dispute={row} /> },
    {
      key: "reason",
      header: "Reason",
      file: (row) => row.reason,
      cell: (row) => (
        <button type="button" onClick={() => onOpen(row.id)} className="text-start font-medium hover:underline">
          {row.reason || "No reason told"}
        </button>
      ),
    },
    { key: "payment", header: "Payment", file: (row) => row.payment_id, cell: (row) => <Thing id={row.payment_id} /> },
    {
      key: "state",
      header: "State",
      file: (row) => row.status,
      cell: (row) => <State state={row.status} tone={row.status === "open" ? "held" : undefined} />,
    },
    {
      key: "fee",
      header: "Fee",
      align: "right",
      file: (row) => row.fee,
      cell: (row) => <Money value={row.fee} href={postingsOf(row.payment_id)} />,
    },
    {
      key: "amount",
      header: "Amount",
      align: "right",
      file: (row) => row.amount,
      cell: (row) => <Money value={row.amount} href={postingsOf(row.payment_id)} className="font-medium" />,
    },
  ];
}

/** Until when evidence is taken: said as long as there is something to hand in. */
function Deadline({ dispute }: { dispute: Dispute }) {
  if (dispute.status !== "open") return <span className="text-soft">Decided</span>;
  if (dispute.submitted_at) return <span className="text-soft">Handed in</span>;
  if (dispute.accepted_at) return <span className="text-soft">Accepted</span>;
  if (!dispute.answer_by) return <span className="text-soft">No time told</span>;
  return <When at={dispute.answer_by} beside />;
}

function Opened({ id }: { id: string }) {
  const dispute = useThing<Dispute>(`/disputes/${encodeURIComponent(id)}`);
  if (dispute.error) return <ErrorState problem={dispute.error} onRetry={() => dispute.refetch()} />;
  if (!dispute.data) return <Skeleton lines={6} />;
  return (
    <div className="space-y-4">
      <p>
        Of the payment <Thing id={dispute.data.payment_id} />
      </p>
      <DisputeSheet dispute={dispute.data} postings={postingsOf(dispute.data.payment_id)} />
    </div>
  );
}

function Refunds() {
  const list = useList<Refund>("/refunds");
  return (
    <DataTable
      name="refunds"
      caption="Refunds, the newest first"
      columns={REFUND_COLUMNS}
      list={list}
      rowKey={(row) => row.id}
      rowHref={(row) => `/payments/view/?id=${row.payment_id}`}
      empty={
        <EmptyState
          title="No refunds"
          why="What is given back of a payment, from its page or at the provider, is listed here."
          example="IDR 250,000.00 · the wrong size · succeeded"
        />
      }
    />
  );
}

const REFUND_COLUMNS: Column<Refund>[] = [
  { key: "at", header: "When", file: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
  { key: "reason", header: "Reason", file: (row) => row.reason, cell: (row) => row.reason || "—" },
  { key: "payment", header: "Payment", file: (row) => row.payment_id, cell: (row) => <Thing id={row.payment_id} /> },
  {
    key: "state",
    header: "State",
    file: (row) => row.status,
    cell: (row) => (
      <>
        <State state={row.status} />
        {row.failure && <p className="text-failed">{stateWord(row.failure)}</p>}
      </>
    ),
  },
  {
    key: "amount",
    header: "Amount",
    align: "right",
    file: (row) => row.amount,
    cell: (row) => <Money value={row.amount} href={postingsOf(row.payment_id)} className="font-medium" />,
  },
];
