"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useIdempotencyKey } from "@/client/idempotency";
import { asProblem, type Problem } from "@/client/problem";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { When } from "@/ui/when";
import type { Purchase, Refund, RefundAsked } from "./contract";
import { refundFacts } from "./purchase-page";

type Order = { amount?: Purchase["amount"]; reason: string };
type Preview = Refund | RefundAsked;

/** What the merchant and staff can do with a purchase now. */
export function PurchaseActions({ purchase }: { purchase: Purchase }) {
  const can = useCan();
  const { party_id: party } = useSession();
  const act = useAction();
  if (!can("purchases:write") || party === purchase.customer_id) return null;
  const cancel = () => act.run(() => api.post(`/purchases/${purchase.id}/cancel`));
  const mayCancel = purchase.status === "open" || purchase.status === "held";
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      {mayCancel && (
        <Button kind="danger" busy={act.busy} onClick={cancel}>
          Call off
        </Button>
      )}
      {purchase.returnable.amount > 0 && <GiveBack purchase={purchase} />}
    </>
  );
}

function GiveBack({ purchase }: { purchase: Purchase }) {
  const [open, setOpen] = useState(false);
  const [order, setOrder] = useState<Order | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const close = () => {
    setOpen(false);
    setOrder(null);
    setPreview(null);
  };
  return (
    <>
      <Button icon={<Undo2 size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Give back
      </Button>
      <Dialog open={open && !preview} onOpenChange={setOpen} title="Give back">
        <Ask
          purchase={purchase}
          onReady={(wanted, shown) => {
            setOrder(wanted);
            setPreview(shown);
          }}
        />
      </Dialog>
      {order && preview && <Confirm purchase={purchase} order={order} preview={preview} onClose={close} />}
    </>
  );
}

function Ask({ purchase, onReady }: { purchase: Purchase; onReady: (order: Order, preview: Preview) => void }) {
  const [minor, setMinor] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function look(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    const order: Order = { ...(minor && { amount: { ...purchase.amount, amount: minor } }), reason };
    setBusy(true);
    setProblem(null);
    try {
      onReady(order, await api.post<Preview>(pathOf(purchase), order, { query: { dry_run: true } }));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={look} className="space-y-4">
      <p className="text-soft">
        Up to <Money value={purchase.returnable} className="font-medium text-ink" /> can come back, by the ways in which
        it was paid
      </p>
      <MoneyInput
        label="Amount"
        currency={purchase.amount.currency}
        onChange={setMinor}
        hint="Left empty: everything that is left"
        error={problem?.messageFor("amount")}
      />
      <TextField label="Reason" name="reason" maxLength={200} hint="Kept with the refund" />
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        Look before it happens
      </Button>
    </form>
  );
}

type ConfirmProps = { purchase: Purchase; order: Order; preview: Preview; onClose: () => void };

function Confirm({ purchase, order, preview, onClose }: ConfirmProps) {
  const key = useIdempotencyKey();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function confirm() {
    setBusy(true);
    setProblem(null);
    try {
      await api.post(pathOf(purchase), order, { idempotencyKey: key.for(order) });
      key.settle(null);
      await queries.invalidateQueries();
      onClose();
    } catch (error) {
      const refused = asProblem(error);
      key.settle(refused);
      setProblem(refused);
      setBusy(false);
    }
  }

  const after = { ...purchase.returnable, amount: purchase.returnable.amount - preview.amount.amount };
  const isAsked = "approval_id" in preview;
  return (
    <ConfirmMoney
      open
      title="Give back"
      amount={preview.amount}
      facts={
        isAsked
          ? [
              ["What happens", "Nothing moves until somebody else says yes"],
              ["Runs out", <When key="expires" at={preview.expires_at} />],
            ]
          : refundFacts(preview).filter(([name]) => name !== "In all")
      }
      balances={isAsked ? [] : [{ name: "May still come back", before: purchase.returnable, after }]}
      confirmLabel={isAsked ? "Ask" : "Give back now"}
      busy={busy}
      problem={problem}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}

const pathOf = (purchase: Purchase) => `/purchases/${purchase.id}/refunds`;
