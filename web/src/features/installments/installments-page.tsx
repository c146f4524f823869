"use client";

import type { ReactNode } from "react";
import { useList, useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { allCurrencies } from "@/lib/money";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { AGES, type Board, type OrderRow, orderHref, orderName } from "./contract";
import { MyInstallments } from "./my-installments";
import { OfferOrder } from "./offer-order";
import { OrderState } from "./order-state";

/** The board of who sells and lends; a customer's own page for who buys. */
export function InstallmentsPage() {
  const { role } = useSession();
  return role === "customer" ? <MyInstallments /> : <BoardPage />;
}

const DEFAULTS = { show: "" };
const SHOWS: [value: string, name: string][] = [
  ["", "All"],
  ["today", "Due today"],
  ["late", "Late"],
  ["active", "Running"],
  ["offered", "Offered"],
  ["paid", "Paid"],
  ["charged_off", "Charged off"],
];

const COLUMNS: Column<OrderRow>[] = [
  {
    key: "what",
    header: "For",
    file: (row) => orderName(row),
    cell: (row) => <span className="font-medium">{orderName(row)}</span>,
  },
  {
    key: "customer",
    header: "Customer",
    file: (row) => row.customer_name ?? row.customer_id,
    cell: (row) => row.customer_name ?? "—",
  },
  { key: "state", header: "State", file: (row) => row.state, cell: (row) => <OrderState order={row} /> },
  {
    key: "next",
    header: "Next",
    file: (row) => row.next?.due_on ?? "",
    cell: (row) => (row.next ? formatPlainDay(row.next.due_on, readerLocale()) : "—"),
  },
  {
    key: "due",
    header: "Due now",
    file: (row) => row.due,
    align: "right",
    cell: (row) => <Money value={row.due} href={orderHref(row)} />,
  },
  {
    key: "open",
    header: "Open",
    file: (row) => ({ amount: row.open.total, currency: row.amount.currency }),
    align: "right",
    cell: (row) => (
      <Money value={{ amount: row.open.total, currency: row.amount.currency }} href={`${orderHref(row)}#postings`} />
    ),
  },
  {
    key: "amount",
    header: "Bought",
    file: (row) => row.amount,
    align: "right",
    cell: (row) => <Money value={row.amount} href={orderHref(row)} className="font-medium" />,
  },
];

function BoardPage() {
  const can = useCan();
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<OrderRow>("/installments/orders", queryOf(view.show));
  return (
    <>
      <PageHeader
        title="Installments"
        note="Purchases paid in parts; what is open is the balance of each order’s accounts"
        actions={
          <>
            <ButtonLink href="/installments/plans/">Plans</ButtonLink>
            {can("installments:create") && <OfferOrder />}
          </>
        }
      />
      <div className="space-y-6">
        <Figures />
        <div>
          <div className="no-print mb-4">
            <Chips label="Show" options={SHOWS} value={view.show} onChange={(show) => change({ show })} />
          </div>
          <Sheet flush>
            <DataTable
              name="installments"
              caption="Installment orders, the newest first"
              columns={COLUMNS}
              list={list}
              rowKey={(row) => row.id}
              rowHref={orderHref}
              empty={
                <EmptyState
                  title={view.show ? "No order fits" : "No installment orders yet"}
                  why="An order is offered by a plan and begins when its customer agrees to the cost shown."
                  example="Order 1042 · Running · next 21 Dec · IDR 400,000.00"
                />
              }
            />
          </Sheet>
        </div>
      </div>
    </>
  );
}

function queryOf(show: string): Record<string, string | boolean> {
  if (show === "late") return { late: true };
  if (show === "today") return { due_today: true };
  return show ? { state: show } : {};
}

function Figures() {
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const board = useThing<Board>("/installments/board", { currency });
  if (board.error) return <ErrorState problem={board.error} onRetry={() => board.refetch()} />;
  if (!board.data) return <Skeleton lines={4} />;
  const { open, penalties, ages, states } = board.data;
  return (
    <Sheet
      title="How it stands"
      actions={
        <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
          {allCurrencies().map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
      }
    >
      <div className="grid gap-6 lg:grid-cols-[16rem_1fr]">
        <dl className="space-y-3">
          <Figure name="Open" note={`${states.active ?? 0} running, ${states.offered ?? 0} offered`}>
            <Money value={open} />
          </Figure>
          <Figure name="Late fees in it">
            <Money value={penalties} />
          </Figure>
        </dl>
        <table className="w-full">
          <caption className="pb-1 text-left text-soft text-xs">Open parts by their own age</caption>
          <tbody className="divide-y divide-rule">
            {ages.map((age) => (
              <tr key={age.name}>
                <th scope="row" className="py-1.5 text-left font-normal">
                  {AGES[age.name] ?? age.name}
                </th>
                <td className="figures px-2 text-right text-soft text-xs">
                  {age.parts} {age.parts === 1 ? "part" : "parts"}
                </td>
                <td className="text-right">
                  <Money value={age.open} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Sheet>
  );
}

function Figure({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-soft text-xs">{name}</dt>
      <dd className="text-lg">{children}</dd>
      {note && <dd className="text-soft text-xs">{note}</dd>}
    </div>
  );
}
