"use client";

import { Copy, QrCode } from "lucide-react";
import { useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button, DownloadLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id, useCopy } from "@/ui/id";
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
  {
    key: "description",
    header: "For",
    file: (row) => row.description,
    cell: (row) => <span className="font-medium">{row.description}</span>,
  },
  {
    key: "state",
    header: "State",
    file: (row) => (row.active ? "active" : "inactive"),
    cell: (row) => <State state={row.active ? "active" : "inactive"} />,
  },
  {
    key: "amount",
    header: "Amount",
    align: "right",
    file: (row) => row.amount ?? null,
    cell: (row) => <AmountOf row={row} />,
  },
  {
    key: "uses",
    header: "Used",
    file: (row) => row.uses,
    align: "right",
    cell: (row) => (
      <span className="figures">
        {row.uses}
        {!row.reusable && " of 1"}
      </span>
    ),
  },
  {
    key: "expires",
    header: "Ends",
    file: (row) => row.expires_at,
    cell: (row) => (row.expires_at ? <When at={row.expires_at} /> : "Never"),
  },
  { key: "id", header: "Id", file: (row) => row.id, cell: (row) => <Id value={row.id} />, hidden: true },
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
  const copy = useCopy();
  const change = useAction();
  const [scanning, setScanning] = useState(false);
  return (
    <>
      <span className="inline-flex flex-wrap justify-end gap-1">
        <Button icon={<QrCode size={14} aria-hidden />} onClick={() => setScanning(true)}>
          Code
        </Button>
        <Button icon={<Copy size={14} aria-hidden />} onClick={() => copy(row.url, "Address")}>
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
      <Dialog open={scanning} onOpenChange={setScanning} title={row.description} description="Scan to pay">
        <LinkCode row={row} />
      </Dialog>
    </>
  );
}

function LinkCode({ row }: { row: PaymentLink }) {
  const picture = `/api/v1/payment-links/${row.id}/qr.svg`;
  return (
    <div className="space-y-4 text-center">
      {/* biome-ignore lint/performance/noImgElement: a picture of the API, which nothing can make smaller */}
      <img src={picture} alt={`Code that leads to ${row.url}`} width={240} height={240} className="mx-auto rounded" />
      <p className="font-mono text-xs [overflow-wrap:anywhere]">{row.url}</p>
      <DownloadLink href={picture}>Save the picture</DownloadLink>
    </div>
  );
}
