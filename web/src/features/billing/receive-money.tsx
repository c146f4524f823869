"use client";

import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { type CustomerAccount, type Invoice, inCurrency, nameOf } from "./contract";
import { type Parts, sharesOf, spread } from "./spread";

type Props = { partyId: string; account: CustomerAccount };

/** Note one payment that pays several invoices; what is too much stays the customer's credit. */
export function ReceiveMoney(props: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        Receive money
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Receive money"
        description="One payment for as many invoices as it pays; what is left over stays the customer’s credit"
      >
        {open && <ReceiveForm {...props} onDone={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function ReceiveForm({ partyId, account, onDone }: Props & { onDone: () => void }) {
  const act = useAction();
  const post = useKeyedPost();
  const { currency } = account.owed;
  const [amount, setAmount] = useState<number | null>(account.owed.amount || null);
  const [typed, setTyped] = useState<Parts>({});
  const parts = spread(amount ?? 0, account.invoices, typed);
  const left = (amount ?? 0) - Object.values(parts).reduce((sum, part) => sum + part, 0);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      customer_id: partyId,
      amount: inCurrency(amount ?? 0, currency),
      method: String(form.get("method")),
      reference: String(form.get("reference") ?? ""),
      allocations: sharesOf(parts, currency),
    };
    if (await act.run(() => post("/billing/receipts", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MoneyInput
        label="Amount"
        currency={currency}
        initial={account.owed.amount}
        onChange={setAmount}
        error={act.problem?.messageFor("amount")}
      />
      <SelectField label="Arrived" name="method">
        <option value="bank">At the bank</option>
        <option value="cash">In cash</option>
      </SelectField>
      <TextField label="Reference" name="reference" maxLength={120} hint="As on the statement" />
      {account.invoices.length > 0 && (
        <fieldset className="space-y-2">
          <legend className="font-medium">What it pays</legend>
          <p className="text-soft text-xs">The longest due first; type an amount to pay another part of one.</p>
          {account.invoices.map((invoice) => (
            <Part
              key={invoice.id}
              invoice={invoice}
              minor={parts[invoice.id] ?? 0}
              onChange={(minor) => setTyped({ ...typed, [invoice.id]: minor })}
            />
          ))}
        </fieldset>
      )}
      <p role="status" className="flex justify-between gap-2">
        <span>{left < 0 ? "Too much is paid with it" : "Stays as credit"}</span>
        <Money value={inCurrency(left, currency)} />
      </p>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={!amount || left < 0} className="w-full">
        Record
      </Button>
    </form>
  );
}

type PartProps = { invoice: Invoice; minor: number; onChange: (minor: number | null) => void };

function Part({ invoice, minor, onChange }: PartProps) {
  const [typing, setTyping] = useState(false);
  const due = invoice.due_on ? `, due ${formatPlainDay(invoice.due_on, readerLocale())}` : "";
  if (typing)
    return (
      <MoneyInput
        label={`For ${nameOf(invoice)}`}
        currency={invoice.open.currency}
        initial={minor}
        onChange={onChange}
      />
    );
  return (
    <p className="flex flex-wrap items-center justify-between gap-2">
      <span>
        {nameOf(invoice)}
        <span className="text-soft text-xs">
          , open <Money value={invoice.open} />
          {due}
        </span>
      </span>
      <span className="flex items-center gap-2">
        <Money value={inCurrency(minor, invoice.open.currency)} />
        <Button kind="quiet" onClick={() => setTyping(true)} aria-label={`Change what ${nameOf(invoice)} gets`}>
          Change
        </Button>
      </span>
    </p>
  );
}
