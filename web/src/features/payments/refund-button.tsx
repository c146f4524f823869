"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { type ComponentProps, type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useIdempotencyKey } from "@/client/idempotency";
import { asProblem, type Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { Button } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { shortCode } from "@/ui/id";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import type { Fact } from "@/ui/sheet";
import { When } from "@/ui/when";
import type { Payment, RefundAsked, RefundPreview } from "./contract";

type Order = { amount?: Payment["amount"]; reason: string };
type Preview = RefundPreview | RefundAsked;

/** Gives money back: asks how much, shows what it would post, then does it. */
export function RefundButton({ payment }: { payment: Payment }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  const [order, setOrder] = useState<Order | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  if (!can("payments:manage") || payment.disputed || payment.refundable.amount === 0) return null;
  const close = () => {
    setOpen(false);
    setOrder(null);
    setPreview(null);
  };
  return (
    <>
      <Button icon={<Undo2 size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Refund
      </Button>
      <Dialog open={open && !preview} onOpenChange={setOpen} title="Refund this payment">
        <RefundForm
          payment={payment}
          onReady={(wanted, shown) => {
            setOrder(wanted);
            setPreview(shown);
          }}
        />
      </Dialog>
      {order && preview && <ConfirmRefund payment={payment} order={order} preview={preview} onClose={close} />}
    </>
  );
}

type FormProps = { payment: Payment; onReady: (order: Order, preview: Preview) => void };

function RefundForm({ payment, onReady }: FormProps) {
  const [minor, setMinor] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function look(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    const order: Order = { ...(minor && { amount: { ...payment.amount, amount: minor } }), reason };
    setBusy(true);
    setProblem(null);
    try {
      const query = { dry_run: true };
      onReady(order, await api.post<Preview>(pathOf(payment), order, { query }));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={look} className="space-y-4">
      <p className="text-soft">
        Up to <Money value={payment.refundable} className="font-medium text-ink" /> can go back
      </p>
      <MoneyInput
        label="Amount"
        currency={payment.amount.currency}
        onChange={setMinor}
        hint="Left empty: everything that is left"
        error={problem?.messageFor("amount")}
      />
      <TextField label="Reason" name="reason" maxLength={200} hint="For your own records" />
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        Look before it happens
      </Button>
    </form>
  );
}

type ConfirmProps = { payment: Payment; order: Order; preview: Preview; onClose: () => void };

function ConfirmRefund({ payment, order, preview, onClose }: ConfirmProps) {
  const key = useIdempotencyKey();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function confirm() {
    setBusy(true);
    setProblem(null);
    try {
      await api.post(pathOf(payment), order, { idempotencyKey: key.for(order) });
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

  const shown = isAsked(preview) ? asked(preview, payment) : immediate(preview, payment);
  return (
    <ConfirmMoney
      open
      title="Refund this payment"
      {...shown}
      busy={busy}
      problem={problem}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}

function isAsked(preview: Preview): preview is RefundAsked {
  return preview.status === "needs_approval";
}

type Shown = Pick<ComponentProps<typeof ConfirmMoney>, "amount" | "facts" | "balances" | "confirmLabel">;

function immediate(preview: RefundPreview, payment: Payment): Shown {
  return {
    amount: preview.amount,
    facts: factsOf(preview, payment),
    balances: [{ name: "May still be refunded", before: payment.refundable, after: preview.refundable_after }],
    confirmLabel: "Refund now",
  };
}

function asked(preview: RefundAsked, payment: Payment): Shown {
  return {
    amount: preview.amount ?? payment.refundable,
    facts: [
      ["What happens", "Nothing moves until somebody else says yes"],
      ["Runs out", <When key="expires" at={preview.expires_at} />],
    ],
    balances: [],
    confirmLabel: "Ask a second person",
  };
}

/** Who pays for it: each posting of real money, from the account it leaves; the merchant's own by name. */
function factsOf(preview: RefundPreview, { merchant_id: merchant, merchant_name: name }: Payment): Fact[] {
  return preview.postings
    .filter((posting) => !posting.debit_code?.startsWith("memo:"))
    .map((posting) => {
      const code = posting.debit_code ?? posting.debit_account;
      const readable = name ? code.replace(merchant, name) : code;
      return [`From ${shortCode(readable)}`, <Money key={code} value={posting.amount} />];
    });
}

function pathOf(payment: Payment): string {
  return `/payments/${encodeURIComponent(payment.id)}/refunds`;
}
