"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { useStored } from "@/ui/stored";
import { MerchantField } from "./merchant-field";
import { ShareFields, type ShareRow } from "./share-fields";

/** Asks for a payment and opens its page, which holds the address of the checkout. */
export function CreatePayment() {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("payments:create")) return null;
  return (
    <>
      <Button kind="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        New payment
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="New payment" description="The customer pays on the hosted page">
        <CreateForm />
      </Dialog>
    </>
  );
}

function CreateForm() {
  const router = useRouter();
  const post = useKeyedPost();
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const [minor, setMinor] = useState<number | null>(null);
  const [shares, setShares] = useState<ShareRow[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!minor) return;
    const form = new FormData(event.currentTarget);
    const merchant = form.get("merchant_id");
    const body = {
      amount: { amount: minor, currency },
      capture: form.get("capture") === "on" ? "manual" : "automatic",
      ...(merchant && { merchant_id: String(merchant) }),
      description: String(form.get("description")),
      reference: String(form.get("reference")).trim(),
      splits: shares.map(({ merchant, minor: part }) => ({
        merchant_id: merchant,
        amount: { amount: part ?? 0, currency },
      })),
    };
    setBusy(true);
    setProblem(null);
    try {
      const payment = await post<{ id: string }>("/payments", body);
      router.push(`/payments/view/?id=${payment.id}`);
    } catch (error) {
      const refused = asProblem(error);
      setProblem(refused);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MerchantField />
      <div className="grid gap-4 sm:grid-cols-[8rem_1fr]">
        <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
          {allCurrencies().map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
        <MoneyInput label="Amount" currency={currency} onChange={setMinor} error={problem?.messageFor("amount")} />
      </div>
      <TextField label="For" name="description" required hint="The customer reads this first" />
      <TextField
        label="Reference"
        name="reference"
        required
        hint="Your own number, to find it again"
        error={problem?.messageFor("reference")}
      />
      <ShareFields currency={currency} rows={shares} onChange={setShares} error={problem?.messageFor("splits")} />
      <label className="flex items-baseline gap-2">
        <input type="checkbox" name="capture" />
        <span>
          Capture later
          <span className="block text-soft text-xs">
            The customer agrees now by card or e-wallet; you take it in parts
          </span>
        </span>
      </label>
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} disabled={!minor} className="w-full">
        Ask for the payment
      </Button>
    </form>
  );
}
