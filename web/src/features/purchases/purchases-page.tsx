"use client";

import { useList } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { type PurchaseRow, purchaseHref } from "./contract";
import { NewPurchase } from "./new-purchase";

const DEFAULTS = { status: "" };
const SHOWS: [value: string, name: string][] = [
  ["", "All"],
  ["open", "Open"],
  ["held", "Set aside"],
  ["completed", "Completed"],
  ["cancelled", "Cancelled"],
  ["expired", "Expired"],
];

function columns(isCustomer: boolean): Column<PurchaseRow>[] {
  return [
    {
      key: "what",
      header: "For",
      file: (row) => row.title,
      cell: (row) => <span className="font-medium">{row.title}</span>,
    },
    {
      key: "who",
      header: isCustomer ? "Shop" : "Customer",
      file: (row) => (isCustomer ? row.merchant_name : row.customer_name) ?? "",
      cell: (row) => (isCustomer ? row.merchant_name : row.customer_name) ?? "—",
    },
    { key: "state", header: "State", file: (row) => row.status, cell: (row) => <State state={row.status} /> },
    {
      key: "when",
      header: "When",
      file: (row) => row.completed_at ?? row.created_at,
      cell: (row) => <When at={row.completed_at ?? row.created_at} />,
    },
    {
      key: "amount",
      header: "Amount",
      file: (row) => row.amount,
      align: "right",
      cell: (row) => <Money value={row.amount} href={purchaseHref(row)} className="font-medium" />,
    },
  ];
}

/** What was bought or sold, each paid by several tenders at once. */
export function PurchasesPage() {
  const can = useCan();
  const isCustomer = useSession().role === "customer";
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<PurchaseRow>("/purchases", { status: view.status });
  return (
    <>
      <PageHeader
        title="Purchases"
        note={
          isCustomer
            ? "Pay with your wallet, your cashback, in parts, and the rest by card, bank or e-wallet"
            : "One total, paid by several tenders together or not at all"
        }
        actions={can("purchases:write") && <NewPurchase />}
      />
      <div className="no-print mb-4">
        <Chips label="Show" options={SHOWS} value={view.status} onChange={(status) => change({ status })} />
      </div>
      <Sheet flush>
        <DataTable
          name="purchases"
          caption="Purchases, the newest first"
          columns={columns(isCustomer)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={purchaseHref}
          empty={
            <EmptyState
              title={view.status ? "No purchase fits" : "No purchases yet"}
              why="A shop asks for a total; its customer chooses what to pay it with."
              example="Espresso machine · Completed · IDR 2,400,000.00"
            />
          }
        />
      </Sheet>
    </>
  );
}
