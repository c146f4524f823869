"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useKeyedPost } from "@/client/keyed-post";
import { useList } from "@/client/queries";
import { useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { type OrderRow, orderHref, type Plan, spokenTerms } from "./contract";

/** Offers a purchase in parts; its customer agrees to the cost before anything is owed. */
export function OfferOrder() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Offer installments
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="Offer installments">
        {open && <OfferForm />}
      </Dialog>
    </>
  );
}

function OfferForm() {
  const plans = useList<Plan>("/installments/plans", { active: true, limit: 100 });
  if (plans.error) return <ErrorState problem={plans.error} onRetry={plans.refetch} />;
  if (plans.rows.length === 0 && !plans.isLoading) {
    return <EmptyState title="No plan to offer" why="Make a plan first: it says how many parts, how far apart." />;
  }
  return <Fields plans={plans.rows} />;
}

function Fields({ plans }: { plans: Plan[] }) {
  const t = useTranslations("installments");
  const router = useRouter();
  const act = useAction();
  const post = useKeyedPost();
  const { party_id: own } = useSession();
  const [planId, setPlanId] = useState("");
  const [minor, setMinor] = useState<number | null>(null);
  const plan = plans.find((row) => row.id === planId) ?? plans[0];
  if (!plan) return null;

  async function submit(event: FormEvent<HTMLFormElement>, chosen: Plan) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      plan_id: chosen.id,
      amount: { amount: minor ?? 0, currency: chosen.currency },
      reference: String(form.get("reference")),
      title: String(form.get("title")),
      customer_id: String(form.get("customer_id")),
    };
    await act.run(async () => {
      const made = await post<OrderRow>("/installments/orders", body);
      router.push(orderHref(made));
    });
  }

  return (
    <form onSubmit={(event) => submit(event, plan)} className="space-y-4">
      <SelectField
        label="Plan"
        value={plan.id}
        onChange={(event) => setPlanId(event.target.value)}
        hint={spokenTerms(t, plan.terms)}
      >
        {plans.map((row) => (
          <option key={row.id} value={row.id}>
            {`${row.name} (${row.currency})`}
          </option>
        ))}
      </SelectField>
      {own === null ? (
        <PartyPicker
          label="Customer"
          name="customer_id"
          among="customer"
          required
          error={act.problem?.messageFor("customer_id")}
        />
      ) : (
        <TextField
          label="Customer"
          name="customer_id"
          required
          hint="The customer’s id, as the customer or your own shop tells it"
          error={act.problem?.messageFor("customer_id")}
        />
      )}
      <MoneyInput
        label="Price"
        currency={plan.currency}
        onChange={setMinor}
        error={act.problem?.messageFor("amount")}
      />
      <TextField label="For" name="title" maxLength={120} required hint="The customer reads this first" />
      <TextField
        label="Your reference"
        name="reference"
        maxLength={100}
        required
        error={act.problem?.messageFor("reference")}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={!minor} className="w-full">
        Offer
      </Button>
    </form>
  );
}
