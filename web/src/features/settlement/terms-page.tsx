"use client";

import { useState } from "react";
import { useList } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { Button, ButtonLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { type SettlementTerms, termsInWords } from "./contract";
import { EndTerms } from "./end-terms";
import { TermsForm } from "./terms-form";

type Editing = SettlementTerms | "new" | null;

/** Who is settled and how; whoever may change it does so here. */
export function TermsPage() {
  const can = useCan();
  const { party_id: own } = useSession();
  const [editing, edit] = useState<Editing>(null);
  const list = useList<SettlementTerms>("/settlement-terms");
  const mayChange = can("settlements:manage");
  const columns = COLUMNS.filter((column) => own === null || column.key !== "merchant");
  return (
    <>
      <PageHeader
        title="Settlement terms"
        note="When merchants are paid over, what is kept, and where the money goes"
        actions={
          <>
            <ButtonLink href="/settlements/">Settlements</ButtonLink>
            {mayChange && (
              <Button kind="primary" onClick={() => edit("new")}>
                Add terms
              </Button>
            )}
          </>
        }
      />
      <Sheet flush>
        <DataTable
          name="settlement-terms"
          caption="Settlement terms by merchant and currency"
          columns={mayChange ? [...columns, changeColumn(edit)] : columns}
          list={list}
          rowKey={(row) => `${row.merchant_id}${row.currency}`}
          empty={
            <EmptyState
              title="Nobody is settled"
              why="Without terms a merchant has its share as soon as the hold on a payment ends. With terms it waits and is paid over on business days."
              example="Kopi Senja · IDR · T+2 · ID · cut-off 17:00"
            />
          }
        />
      </Sheet>
      <Dialog
        open={editing !== null}
        onOpenChange={(open) => !open && edit(null)}
        title={editing === "new" ? "Add settlement terms" : "Change settlement terms"}
        description="What is pending now is settled by these terms as well"
      >
        {editing !== null && <TermsForm known={editing === "new" ? null : editing} onDone={() => edit(null)} />}
      </Dialog>
    </>
  );
}

const COLUMNS: Column<SettlementTerms>[] = [
  {
    key: "merchant",
    header: "Merchant",
    file: (row) => row.merchant_name ?? row.merchant_id,
    cell: (row) => <span className="font-medium">{row.merchant_name ?? <Id value={row.merchant_id} />}</span>,
  },
  { key: "currency", header: "Currency", file: (row) => row.currency, cell: (row) => row.currency },
  { key: "terms", header: "Terms", file: termsInWords, cell: termsInWords },
  {
    key: "to",
    header: "Paid to",
    file: (row) => row.beneficiary_id ?? "wallet",
    cell: (row) => (row.beneficiary_id ? "Account" : "Wallet"),
  },
  {
    key: "next",
    header: "Next run",
    file: (row) => (row.ended_at ? "ended" : row.next_run_at),
    cell: (row) => (row.ended_at ? <State state="ended" /> : <When at={row.next_run_at} />),
  },
  {
    key: "minimum",
    header: "Minimum",
    align: "right",
    file: (row) => row.minimum,
    cell: (row) => <Money value={row.minimum} />,
  },
];

function changeColumn(edit: (terms: SettlementTerms) => void): Column<SettlementTerms> {
  return {
    key: "change",
    header: "Change",
    align: "right",
    cell: (row) => (
      <span className="inline-flex gap-1">
        <Button onClick={() => edit(row)} aria-label={`Change the terms of ${row.merchant_name ?? row.merchant_id}`}>
          Change
        </Button>
        {!row.ended_at && <EndTerms row={row} />}
      </span>
    ),
  };
}
