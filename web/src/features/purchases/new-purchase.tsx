"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useKeyedPost } from "@/client/keyed-post";
import { useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { CheckList } from "@/ui/check-list";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { useStored } from "@/ui/stored";
import { type Purchase, purchaseHref, TENDERS } from "./contract";

const NOBODY = "Whoever signs in on its page and pays";

/** Asks a customer for a total; the customer chooses what to pay it with. */
export function NewPurchase() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Ask for a purchase
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="Ask for a purchase">
        {open && <Fields />}
      </Dialog>
    </>
  );
}

function Fields() {
  const t = useTranslations("purchases");
  const router = useRouter();
  const act = useAction();
  const post = useKeyedPost();
  const { party_id: own } = useSession();
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const [minor, setMinor] = useState<number | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const merchant = form.get("merchant_id");
    const customer = form.get("customer_id");
    const body = {
      ...(merchant && { merchant_id: String(merchant) }),
      ...(customer && { customer_id: String(customer) }),
      reference: String(form.get("reference")),
      title: String(form.get("title")),
      amount: { amount: minor ?? 0, currency },
      tenders: form.getAll("tenders"),
    };
    await act.run(async () => {
      const made = await post<Purchase>("/purchases", body);
      router.push(purchaseHref(made));
    });
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      {own === null && <PartyPicker label="Merchant" name="merchant_id" among="merchant" required takesFirst />}
      {own === null ? (
        <PartyPicker
          label="Customer"
          name="customer_id"
          among="customer"
          placeholder={NOBODY}
          error={act.problem?.messageFor("customer_id")}
        />
      ) : (
        <TextField
          label="Customer’s id"
          name="customer_id"
          hint={`Left empty: ${NOBODY.toLowerCase()}`}
          error={act.problem?.messageFor("customer_id")}
        />
      )}
      <TextField label="For" name="title" maxLength={200} required />
      <TextField
        label="Reference"
        name="reference"
        maxLength={60}
        required
        hint="Yours; each is used once"
        error={act.problem?.messageFor("reference")}
      />
      <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
        {allCurrencies().map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
      <MoneyInput label="Amount" currency={currency} onChange={setMinor} error={act.problem?.messageFor("amount")} />
      <CheckList
        legend="The customer may pay with"
        name="tenders"
        options={Object.entries(TENDERS).map(([kind, name]) => [kind, t(name)])}
        checked={Object.keys(TENDERS)}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={!minor} className="w-full">
        Ask
      </Button>
    </form>
  );
}
