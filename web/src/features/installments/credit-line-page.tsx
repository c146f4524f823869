"use client";

import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList, useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { type Amount, allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { When } from "@/ui/when";
import { type CreditLine, inCurrency, type OrderRow, orderHref, orderName } from "./contract";
import { OrderState } from "./order-state";

type Party = Schemas["PartyOut"];

/** How much a customer may owe in installments, what takes it up, and who decided so. */
export function CreditLinePage() {
  const id = useSearchParams().get("id");
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const party = useThing<Party>(id && `/parties/${encodeURIComponent(id)}`);
  const line = useThing<CreditLine>(id && `/installments/lines/${encodeURIComponent(id)}/${currency}`);
  if (!id) return <EmptyState title="Whose credit line?" why="Open it from a customer or from an order." />;
  const problem = party.error ?? line.error;
  if (problem) return <ErrorState problem={problem} onRetry={() => line.refetch()} />;
  if (!party.data || !line.data) return <Skeleton lines={8} />;
  return (
    <>
      <PageHeader
        title={party.data.name ?? id}
        note="Credit line for installments; it is checked in the same step in which an order begins"
        actions={
          <>
            <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
              {allCurrencies().map(({ code }) => (
                <option key={code}>{code}</option>
              ))}
            </SelectField>
            <ChangeLine key={currency} line={line.data} />
          </>
        }
      />
      <div className="grid items-start gap-6 lg:grid-cols-[1fr_22rem]">
        <Orders partyId={id} currency={currency} />
        <div className="min-w-0 space-y-6">
          <Room line={line.data} />
          <Decisions partyId={id} currency={currency} />
        </div>
      </div>
    </>
  );
}

function Room({ line }: { line: CreditLine }) {
  const share = line.limit.amount > 0 ? Math.min(100, Math.round((line.used.amount * 100) / line.limit.amount)) : 0;
  return (
    <Sheet title="Limit">
      <Facts
        facts={[
          ["Limit", <Money key="limit" value={line.limit} className="font-medium" />],
          ["Taken up", <Money key="used" value={line.used} />],
          ["Free", <Money key="left" value={line.left} className={line.left.amount < 0 ? "text-failed" : undefined} />],
          ["New orders", line.is_blocked ? "Not taken" : "Taken while there is room"],
        ]}
      />
      <progress
        value={share}
        max={100}
        aria-label={`${share} per cent taken up`}
        className="mt-3 block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-well [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-well [&::-webkit-progress-value]:bg-accent"
      />
    </Sheet>
  );
}

function Orders({ partyId, currency }: { partyId: string; currency: string }) {
  const list = useList<OrderRow>("/installments/orders", { customer_id: partyId, limit: 50 });
  const rows = list.rows.filter((row) => row.amount.currency === currency);
  return (
    <Sheet title="What takes it up" flush>
      {list.error && <ErrorState problem={list.error} onRetry={list.refetch} />}
      {rows.length === 0 && !list.isLoading && (
        <EmptyState title="No orders" why="What this customer buys in parts is listed here with what is still owed." />
      )}
      <ul className="divide-y divide-rule">
        {rows.map((order) => (
          <li key={order.id} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 py-3">
            <div className="min-w-0">
              <Link href={orderHref(order)} className="font-medium hover:underline">
                {orderName(order)}
              </Link>
              <p className="text-soft text-xs">{order.merchant_name}</p>
            </div>
            <div className="flex items-baseline gap-4">
              <OrderState order={order} />
              <Money value={inCurrency(order.open.principal, order.amount)} href={orderHref(order)} />
            </div>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

type Decision = {
  id: string;
  at: string;
  actor: string;
  reason: string | null;
  before: { limit: Amount } | null;
  after: { limit: Amount; is_blocked: boolean };
};

function Decisions({ partyId, currency }: { partyId: string; currency: string }) {
  const can = useCan();
  const query = { action: "credit_line.set", subject_kind: "credit_line", subject_id: `${partyId}/${currency}` };
  const list = useList<Decision>("/audit", query, can("audit:read"));
  if (list.rows.length === 0) return null;
  return (
    <Sheet title="Decided">
      <ol className="divide-y divide-rule">
        {list.rows.map((row) => (
          <li key={row.id} className="space-y-1 py-2">
            <p className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span>
                {movement(row)} <Money value={row.after.limit} className="font-medium" />
                {row.after.is_blocked && ", blocked"}
              </span>
              <span className="text-soft text-xs">
                <When at={row.at} />
              </span>
            </p>
            <p className="text-soft text-xs [overflow-wrap:anywhere]">{row.reason ?? "No reason given"}</p>
          </li>
        ))}
      </ol>
    </Sheet>
  );
}

function movement({ before, after }: Decision): string {
  if (!before) return "Set to";
  if (after.limit.amount > before.limit.amount) return "Raised to";
  return after.limit.amount < before.limit.amount ? "Lowered to" : "Kept at";
}

function ChangeLine({ line }: { line: CreditLine }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("installments:manage")) return null;
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        {line.limit.amount > 0 ? "Change the limit" : "Set a limit"}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Credit line"
        description="A limit below what is owed stops new orders and takes nothing back."
      >
        {open && <LineForm line={line} onDone={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function LineForm({ line, onDone }: { line: CreditLine; onDone: () => void }) {
  const [minor, setMinor] = useState<number | null>(line.limit.amount);
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      limit_minor: minor ?? 0,
      is_blocked: form.get("blocked") === "on",
      reason: String(form.get("reason")),
    };
    const path = `/installments/lines/${line.party_id}/${line.limit.currency}`;
    if (await act.run(() => api.put(path, body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MoneyInput label="Limit" currency={line.limit.currency} initial={line.limit.amount} onChange={setMinor} />
      <label className="flex items-start gap-2">
        <input type="checkbox" name="blocked" defaultChecked={line.is_blocked} className="mt-1" />
        <span>Take no new orders</span>
      </label>
      <TextField label="Why" name="reason" required maxLength={200} error={act.problem?.messageFor("reason")} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy}>
        Save
      </Button>
    </form>
  );
}
