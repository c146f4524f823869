"use client";

import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { MerchantField } from "@/features/payments/merchant-field";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { useStored } from "@/ui/stored";

export function CreateLink() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        New link
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="New payment link">
        <CreateForm onMade={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function CreateForm({ onMade }: { onMade: () => void }) {
  const create = useAction();
  const post = useKeyedPost();
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const [isFixed, setFixed] = useState(true);
  const [minor, setMinor] = useState<number | null>(null);
  const { problem } = create;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const merchant = form.get("merchant_id");
    const body = {
      ...(merchant && { merchant_id: String(merchant) }),
      ...(isFixed && minor && { amount: { amount: minor, currency } }),
      currency,
      description: String(form.get("description")),
      reusable: form.get("reusable") === "on",
    };
    const send = () => post("/payment-links", body);
    if (await create.run(send)) onMade();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MerchantField />
      <TextField
        label="For"
        name="description"
        required
        hint="The payer reads this first"
        error={problem?.messageFor("description")}
      />
      <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
        {allCurrencies().map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
      <fieldset className="space-y-1">
        <legend className="font-medium">Amount</legend>
        <label className="flex items-center gap-2">
          <input type="radio" name="fixed" checked={isFixed} onChange={() => setFixed(true)} /> Fixed
        </label>
        <label className="flex items-center gap-2">
          <input type="radio" name="fixed" checked={!isFixed} onChange={() => setFixed(false)} /> The payer types it
        </label>
      </fieldset>
      {isFixed && (
        <MoneyInput
          label="Fixed amount"
          currency={currency}
          onChange={setMinor}
          error={problem?.messageFor("amount")}
        />
      )}
      <label className="flex items-center gap-2">
        <input type="checkbox" name="reusable" defaultChecked /> Can be paid many times
      </label>
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={create.busy} disabled={isFixed && !minor} className="w-full">
        Make the link
      </Button>
    </form>
  );
}
