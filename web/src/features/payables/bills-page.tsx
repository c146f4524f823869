"use client";

import { Plus } from "lucide-react";
import { useList, useThing } from "@/client/queries";
import { AGES, inCurrency } from "@/features/billing/contract";
import { useCan } from "@/features/identity/session";
import { NewParty } from "@/features/parties/new-party";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { WideTable } from "@/ui/wide-table";
import { BillState } from "./bill-state";
import { type Ages, type Bill, billHref } from "./contract";

const SHOWS: [value: string, name: string][] = [
  ["", "All"],
  ["held", "Held"],
  ["open", "Owed"],
  ["part_paid", "Part paid"],
  ["paying", "On the way"],
  ["paid", "Paid"],
  ["rejected", "Rejected"],
];

const COLUMNS: Column<Bill>[] = [
  {
    key: "number",
    header: "Number",
    file: (row) => row.number,
    cell: (row) => <span className="figures whitespace-nowrap font-medium">{row.number}</span>,
  },
  {
    key: "supplier",
    header: "Supplier",
    file: (row) => row.supplier_name ?? row.supplier_id,
    cell: (row) => row.supplier_name ?? "—",
  },
  { key: "theirs", header: "Their number", file: (row) => row.their_number, cell: (row) => row.their_number },
  { key: "state", header: "State", file: (row) => row.state, cell: (row) => <BillState bill={row} /> },
  {
    key: "due",
    header: "Due",
    file: (row) => row.due_on,
    cell: (row) => formatPlainDay(row.due_on, readerLocale()),
  },
  {
    key: "total",
    header: "Total",
    file: (row) => row.total,
    align: "right",
    cell: (row) => <Money value={row.total} href={billHref(row)} />,
  },
  {
    key: "owed",
    header: "Owed",
    file: (row) => row.owed,
    align: "right",
    cell: (row) => <Money value={row.owed} href={`${billHref(row)}#postings`} className="font-medium" />,
  },
];

/** Every supplier's bill, how much is owed and for how long. */
export function BillsPage() {
  const can = useCan();
  const [view, change] = useUrlState({ show: "", day: "" });
  const list = useList<Bill>("/payables/bills", view.show ? { state: view.show } : {});
  return (
    <>
      <PageHeader
        title="Bills"
        note="A bill is owed once it agrees with its order and with what came"
        actions={
          <>
            <ButtonLink href="/purchase-orders/">Purchase orders</ButtonLink>
            {can("payables:manage") && <ButtonLink href="/bills/pay/">Pay bills</ButtonLink>}
            <NewParty as="supplier" />
            {can("payables:write") && (
              <ButtonLink kind="primary" href="/bills/new/" icon={<Plus size={14} aria-hidden />}>
                Record bill
              </ButtonLink>
            )}
          </>
        }
      />
      <div className="space-y-6">
        <AgeSheet day={view.day} onDay={(day) => change({ day })} />
        <div>
          <div className="no-print mb-4">
            <Chips label="Show" options={SHOWS} value={view.show} onChange={(show) => change({ show })} />
          </div>
          <Sheet flush>
            <DataTable
              name="bills"
              caption="Bills, the newest first"
              columns={COLUMNS}
              list={list}
              rowKey={(row) => row.id}
              rowHref={billHref}
              empty={
                <EmptyState
                  title={view.show ? "No bill fits" : "No bills yet"}
                  why="A bill is what a supplier asks for; it is held against what you ordered and what came."
                  example="BILL-00042 · Kemas Rapi · due 5 Dec · IDR 1,800,000.00"
                />
              }
            />
          </Sheet>
        </div>
      </div>
    </>
  );
}

function AgeSheet({ day, onDay }: { day: string; onDay: (day: string) => void }) {
  const [currency] = useStored("specie.currency", "IDR");
  const ages = useThing<Ages>("/payables/ageing", { currency, ...(day && { day }) });
  return (
    <Sheet
      title="Owed to suppliers"
      actions={
        <TextField
          label="At the end of"
          type="date"
          value={day || (ages.data?.day ?? "")}
          onChange={(event) => onDay(event.target.value)}
        />
      }
    >
      {ages.error && <ErrorState problem={ages.error} onRetry={() => ages.refetch()} />}
      {!ages.error && !ages.data && <Skeleton lines={3} />}
      {ages.data && <AgeTable ages={ages.data} />}
    </Sheet>
  );
}

function AgeTable({ ages }: { ages: Ages }) {
  const money = (minor: number) => <Money value={inCurrency(minor, ages.currency)} />;
  if (ages.suppliers.length === 0) return <p className="text-soft">Nothing was owed.</p>;
  const rows = [
    ...ages.suppliers.map((one) => ({ key: one.supplier_id, name: one.supplier_name ?? "—", ...one })),
    { key: "total", name: "All suppliers", buckets: ages.buckets, total: ages.total },
  ];
  return (
    <WideTable label="Owed to suppliers by age">
      <table className="w-full text-sm">
        <caption className="sr-only">Owed to suppliers by age</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            <th scope="col" className="py-2 text-left font-medium">
              Supplier
            </th>
            {[...Object.values(AGES), "Total"].map((name) => (
              <th key={name} scope="col" className="whitespace-nowrap py-2 pl-4 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {rows.map((row) => (
            <tr key={row.key} className={row.key === "total" ? "font-medium" : ""}>
              <th scope="row" className="py-2 text-left font-normal">
                {row.name}
              </th>
              {Object.keys(AGES).map((age) => (
                <td key={age} className="py-2 pl-4 text-right">
                  {money(row.buckets[age] ?? 0)}
                </td>
              ))}
              <td className="py-2 pl-4 text-right">{money(row.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
}
