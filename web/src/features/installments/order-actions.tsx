"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import type { Amount } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { inCurrency, type OrderDetail } from "./contract";

type Act = {
  path: string;
  name: string;
  why: string;
  needs: string;
  danger?: boolean;
  most?: (order: OrderDetail) => Amount;
  field?: { name: string; label: string; type: "number" | "date" };
};

const RUNNING: Act[] = [
  {
    path: "returns",
    name: "Take back",
    why: "The merchant pays. The plan is lowered by its policy; what was paid beyond goes to the customer’s wallet.",
    needs: "installments:create",
    most: (order) => order.amount,
  },
  {
    path: "reschedule",
    name: "Reschedule",
    why: "What is open is divided anew from today. Overdue interest and fees come with the first new part.",
    needs: "installments:manage",
    field: { name: "parts", label: "Into how many parts", type: "number" },
  },
  {
    path: "pause",
    name: "Pause",
    why: "Nothing is collected and no late fee charged until then; the days do not count as late.",
    needs: "installments:manage",
    field: { name: "until", label: "Until", type: "date" },
  },
  {
    path: "waive",
    name: "Waive late fees",
    why: "The late fees are given up.",
    needs: "installments:manage",
    most: (order) => inCurrency(order.open.penalty, order.amount),
  },
  {
    path: "charge-off",
    name: "Charge off",
    why: "Nothing more is expected: what is owed becomes a loss, and the customer’s credit line is blocked.",
    needs: "installments:manage",
    danger: true,
  },
];

/** What staff and merchant can do with an order now; each asks why before it happens. */
export function OrderActions({ order }: { order: OrderDetail }) {
  const can = useCan();
  const { party_id: party } = useSession();
  const [chosen, setChosen] = useState<Act | null>(null);
  const direct = useAction();
  if (party === order.customer_id) return null;
  if (order.state === "offered" && can("installments:create")) {
    const cancel = () => direct.run(() => api.post(`/installments/orders/${order.id}/cancel`, {}));
    return (
      <>
        {direct.problem && <ErrorState problem={direct.problem} />}
        <Button kind="danger" busy={direct.busy} onClick={cancel}>
          Call off
        </Button>
      </>
    );
  }
  const acts = actsOf(order).filter((act) => can(act.needs));
  return (
    <>
      {acts.map((act) => (
        <Button key={act.path} kind={act.danger ? "danger" : "secondary"} onClick={() => setChosen(act)}>
          {act.name}
        </Button>
      ))}
      {chosen && (
        <Dialog open onOpenChange={() => setChosen(null)} title={chosen.name} description={chosen.why}>
          <ActForm act={chosen} order={order} onDone={() => setChosen(null)} />
        </Dialog>
      )}
    </>
  );
}

function actsOf(order: OrderDetail): Act[] {
  if (order.state === "paid") return RUNNING.filter((act) => act.path === "returns");
  if (order.state !== "active") return [];
  return RUNNING.filter((act) => act.path !== "waive" || order.open.penalty > 0);
}

function ActForm({ act, order, onDone }: { act: Act; order: OrderDetail; onDone: () => void }) {
  const { most } = act;
  const [minor, setMinor] = useState<number | null>(null);
  const post = useKeyedPost();
  const run = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body: Record<string, unknown> = { reason: String(form.get("reason")) };
    if (most) body.amount = inCurrency(minor ?? 0, order.amount);
    if (act.field) body[act.field.name] = typed(act.field.type, String(form.get(act.field.name)));
    const path = `/installments/orders/${order.id}/${act.path}`;
    const send = () => post(path, body);
    if (await run.run(send)) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      {most && (
        <>
          <p className="text-soft">
            At most <Money value={most(order)} className="font-medium text-ink" />
          </p>
          <MoneyInput
            label="Amount"
            currency={order.amount.currency}
            onChange={setMinor}
            error={run.problem?.messageFor("amount")}
          />
        </>
      )}
      {act.field && (
        <TextField
          label={act.field.label}
          name={act.field.name}
          type={act.field.type}
          min={act.field.type === "number" ? 1 : undefined}
          max={act.field.type === "number" ? 120 : undefined}
          required
          error={run.problem?.messageFor(act.field.name)}
        />
      )}
      <TextField label="Reason" name="reason" maxLength={200} required hint="Kept with the change" />
      {run.problem && <ErrorState problem={run.problem} />}
      <Button
        kind={act.danger ? "danger" : "primary"}
        type="submit"
        busy={run.busy}
        disabled={most !== undefined && !minor}
        className="w-full"
      >
        {act.name}
      </Button>
    </form>
  );
}

function typed(type: "number" | "date", text: string): string | number {
  return type === "number" ? Number(text) : text;
}
