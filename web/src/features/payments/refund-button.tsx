"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useIdempotencyKey } from "@/client/idempotency";
import { asProblem, type Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { readerLocale } from "@/lib/locale";
import { editableMoney, formatMoney } from "@/lib/money";
import { Button } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import type { Payment } from "./contract";

type Refund = { amount: { amount: number; currency: string }; reason: string };

/** Gives back all or part of what was captured, after showing what will be left. */
export function RefundButton({ payment }: { payment: Payment }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  const left = payment.captured.amount - payment.refunded.amount;
  if (!can("payments:manage") || left <= 0) return null;
  return (
    <>
      <Button icon={<Undo2 size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Refund
      </Button>
      {open && <RefundDialogs payment={payment} left={left} onClose={() => setOpen(false)} />}
    </>
  );
}

type Props = { payment: Payment; left: number; onClose: () => void };

function RefundDialogs({ payment, left, onClose }: Props) {
  const key = useIdempotencyKey();
  const queries = useQueryClient();
  const [refund, setRefund] = useState<Refund | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const currency = payment.amount.currency;

  async function confirm(order: Refund) {
    setBusy(true);
    setProblem(null);
    try {
      await api.post(`/payments/${payment.id}/refunds`, order, { idempotencyKey: key.for(order) });
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

  if (!refund) return <RefundForm left={left} currency={currency} onReady={setRefund} onClose={onClose} />;
  const after = payment.refunded.amount + refund.amount.amount;
  return (
    <ConfirmMoney
      open
      title="Refund to the customer"
      amount={refund.amount}
      facts={[
        ["Reason", refund.reason],
        ["To", payment.customer?.name ?? payment.customer?.email ?? "The payer"],
      ]}
      balances={[{ name: "Refunded", before: payment.refunded, after: { amount: after, currency } }]}
      confirmLabel="Refund"
      typeToConfirm
      busy={busy}
      problem={problem}
      onConfirm={() => confirm(refund)}
      onClose={() => setRefund(null)}
    />
  );
}

type FormProps = { left: number; currency: string; onReady: (refund: Refund) => void; onClose: () => void };

function RefundForm({ left, currency, onReady, onClose }: FormProps) {
  const [minor, setMinor] = useState<number | null>(left);
  const most = { amount: left, currency };
  const isTooMuch = minor !== null && minor > left;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!minor || isTooMuch) return;
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    onReady({ amount: { amount: minor, currency }, reason });
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Refund">
      <form onSubmit={submit} className="space-y-4">
        <MoneyInput
          label="Amount"
          currency={currency}
          initialText={editableMoney(most, readerLocale())}
          onChange={setMinor}
          error={isTooMuch ? `At most ${formatMoney(most, readerLocale())} is left to refund` : null}
        />
        <TextField label="Reason" name="reason" required minLength={3} hint="Kept in the audit log" />
        <Button kind="primary" type="submit" disabled={!minor || isTooMuch} className="w-full">
          Continue
        </Button>
      </form>
    </Dialog>
  );
}
