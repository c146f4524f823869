"use client";

import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { type CustomerCredit, inCurrency } from "./contract";

const PATHS: Record<string, (id: string) => string> = {
  receipt: (id) => `/billing/receipts/${id}/refund`,
  credit_note: (id) => `/billing/credit-notes/${id}/refund`,
  deposit: (id) => `/billing/invoices/${id}/deposit-refund`,
};

/** Pay what is left of a payment, credit note or deposit back to the customer. */
export function PayBack({ credit }: { credit: CustomerCredit }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-label={`Pay back ${credit.name}`}>
        Pay back
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Pay back ${credit.name}`}
        description="Note money that you have given back at the bank or in cash; at most what is left"
      >
        {open && <PayBackForm credit={credit} onDone={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function PayBackForm({ credit, onDone }: { credit: CustomerCredit; onDone: () => void }) {
  const act = useAction();
  const post = useKeyedPost();
  const { currency } = credit.left;
  const [minor, setMinor] = useState<number | null>(credit.left.amount);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      amount: inCurrency(minor ?? 0, currency),
      method: String(form.get("method")),
      reason: String(form.get("reason")).trim(),
    };
    const path = PATHS[credit.source_kind];
    if (path && (await act.run(() => post(path(credit.source_id), body)))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MoneyInput
        label="Amount"
        currency={currency}
        initial={credit.left.amount}
        onChange={setMinor}
        error={act.problem?.messageFor("amount")}
      />
      <SelectField label="Given" name="method">
        <option value="bank">From the bank</option>
        <option value="cash">In cash</option>
      </SelectField>
      <TextField label="Reason" name="reason" required maxLength={500} error={act.problem?.messageFor("reason")} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={!minor} className="w-full">
        Pay back
      </Button>
    </form>
  );
}
