"use client";

import { Copy } from "lucide-react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { copyText, Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { PaymentLink } from "./contract";
import { CreateLink } from "./create-link";

/** Addresses anybody can pay at, without an integration. */
export function PaymentLinksPage() {
  const can = useCan();
  const mayChange = can("payments:create");
  const list = useList<PaymentLink>("/payment-links");
  return (
    <>
      <PageHeader
        title="Payment links"
        note="An address anybody can pay at: send it, print it, put it under an article"
        actions={mayChange && <CreateLink />}
      />
      <Sheet flush>
        <DataTable
          name="payment-links"
          caption="Payment links, the newest first"
          columns={mayChange ? [...COLUMNS, ACTIONS] : COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title="No links"
              why="A link takes a fixed amount, or the one the payer types, once or many times."
              example="Donation · IDR, from 10,000.00 · used 12 times"
            />
          }
        />
      </Sheet>
    </>
  );
}

const COLUMNS: Column<PaymentLink>[] = [
  { key: "description", header: "For", cell: (row) => <span className="font-medium">{row.description}</span> },
  { key: "state", header: "State", cell: (row) => <State state={row.active ? "active" : "inactive"} /> },
  { key: "amount", header: "Amount", align: "right", cell: (row) => <AmountOf row={row} /> },
  {
    key: "uses",
    header: "Used",
    align: "right",
    cell: (row) => (
      <span className="figures">
        {row.uses}
        {!row.reusable && " of 1"}
      </span>
    ),
  },
  { key: "expires", header: "Ends", cell: (row) => (row.expires_at ? <When at={row.expires_at} /> : "Never") },
  { key: "id", header: "Id", cell: (row) => <Id value={row.id} />, hidden: true },
];

const ACTIONS: Column<PaymentLink> = {
  key: "actions",
  header: "Actions",
  align: "right",
  cell: (row) => <LinkActions row={row} />,
};

function AmountOf({ row }: { row: PaymentLink }) {
  if (row.amount) return <Money value={row.amount} />;
  if (!row.minimum && !row.maximum) return <>{row.currency}, as typed</>;
  return (
    <>
      {row.minimum && (
        <>
          from <Money value={row.minimum} />{" "}
        </>
      )}
      {row.maximum && (
        <>
          to <Money value={row.maximum} />
        </>
      )}
    </>
  );
}

function LinkActions({ row }: { row: PaymentLink }) {
  const change = useAction();
  return (
    <>
      <span className="inline-flex gap-1">
        <Button icon={<Copy size={14} aria-hidden />} onClick={() => copyText(row.url, "Address")}>
          Copy
        </Button>
        <Button
          busy={change.busy}
          onClick={() => change.run(() => api.patch(`/payment-links/${row.id}`, { active: !row.active }))}
        >
          {row.active ? "Switch off" : "Switch on"}
        </Button>
      </span>
      {change.problem && <ErrorState problem={change.problem} />}
    </>
  );
}
