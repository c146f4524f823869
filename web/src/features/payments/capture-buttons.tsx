"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import type { Payment } from "./contract";

const WAITING = ["authorized", "partly_captured"];

/** Takes what a customer has agreed to, in parts if need be, or lets the rest of it go. */
export function CaptureButtons({ payment }: { payment: Payment }) {
  const can = useCan();
  const [asking, setAsking] = useState<"capture" | "void" | null>(null);
  if (!can("payments:manage") || !WAITING.includes(payment.status) || payment.capturable.amount === 0) return null;
  const close = () => setAsking(null);
  return (
    <>
      <Button kind="primary" icon={<Check size={14} aria-hidden />} onClick={() => setAsking("capture")}>
        Capture
      </Button>
      <Button kind="danger" onClick={() => setAsking("void")}>
        Let the rest go
      </Button>
      <Dialog open={asking === "capture"} onOpenChange={close} title="Capture this payment">
        <CaptureForm payment={payment} onDone={close} />
      </Dialog>
      <Dialog
        open={asking === "void"}
        onOpenChange={close}
        title="Let the rest go?"
        description="What has not been captured returns to the customer. It cannot be captured afterwards."
      >
        <VoidForm payment={payment} onDone={close} />
      </Dialog>
    </>
  );
}

type FormProps = { payment: Payment; onDone: () => void };

function CaptureForm({ payment, onDone }: FormProps) {
  const [minor, setMinor] = useState<number | null>(null);
  const { send, busy, problem } = useSending(onDone);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const final = new FormData(event.currentTarget).get("final") === "on";
    const body = { ...(minor && { amount: { ...payment.amount, amount: minor } }), final };
    send(`/payments/${encodeURIComponent(payment.id)}/captures`, body);
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-soft">
        Up to <Money value={payment.capturable} className="font-medium text-ink" /> can be captured
      </p>
      <MoneyInput
        label="Amount"
        currency={payment.amount.currency}
        onChange={setMinor}
        hint="Left empty: everything that is left"
        error={problem?.messageFor("amount")}
      />
      <label className="flex items-baseline gap-2">
        <input type="checkbox" name="final" /> This is the last one: let the rest go
      </label>
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        Capture now
      </Button>
    </form>
  );
}

function VoidForm({ payment, onDone }: FormProps) {
  const { send, busy, problem } = useSending(onDone);
  return (
    <>
      {problem && <ErrorState problem={problem} />}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onDone}>Keep it</Button>
        <Button kind="danger" busy={busy} onClick={() => send(`/payments/${encodeURIComponent(payment.id)}/void`)}>
          Let the rest go
        </Button>
      </div>
    </>
  );
}

function useSending(onDone: () => void) {
  const post = useKeyedPost();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function send(path: string, body?: object) {
    setBusy(true);
    setProblem(null);
    try {
      await post(path, body, { path, ...body });
      await queries.invalidateQueries();
      onDone();
    } catch (error) {
      const refused = asProblem(error);
      setProblem(refused);
      setBusy(false);
    }
  }

  return { send, busy, problem };
}
