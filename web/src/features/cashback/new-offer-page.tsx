"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useState } from "react";
import { api } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { MerchantField } from "@/features/payments/merchant-field";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { PageHeader, Sheet } from "@/ui/sheet";
import { useStored } from "@/ui/stored";
import type { Offer, Working } from "./contract";
import { EMPTY, type OfferDraft, termsOf } from "./offer-draft";
import { TierFields } from "./tier-fields";
import { WorkingSteps } from "./working";

/** A new offer: its terms on one side, what they give for a purchase on the other, while one types. */
export function NewOfferPage() {
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  return (
    <>
      <PageHeader title="New offer" note="Try it on a purchase as you go; it starts once its budget is paid in" />
      <OfferForm key={currency} currency={currency} onCurrency={setCurrency} />
    </>
  );
}

type FormProps = { currency: string; onCurrency: (currency: string) => void };

function OfferForm({ currency, onCurrency }: FormProps) {
  const can = useCan();
  const router = useRouter();
  const create = useAction();
  const [draft, setDraft] = useState<OfferDraft>(EMPTY);
  const change = (part: Partial<OfferDraft>) => setDraft((known) => ({ ...known, ...part }));
  const terms = termsOf(draft, currency);
  const { problem } = create;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const merchant = form.get("merchant_id");
    const body = {
      ...(merchant && { merchant_id: String(merchant) }),
      name: String(form.get("name")),
      funded_by: String(form.get("funded_by") ?? "merchant"),
      terms,
    };
    let made: Offer | null = null;
    const done = await create.run(async () => {
      made = await api.post<Offer>("/cashback/offers", body);
    });
    if (done && made) router.push(`/offers/view/?id=${(made as Offer).id}`);
  }

  return (
    <div className="grid items-start gap-6 lg:grid-cols-[1fr_22rem]">
      <form onSubmit={submit} className="min-w-0 space-y-6">
        <Sheet title="What it gives">
          <div className="space-y-4">
            <MerchantField />
            <TextField
              label="Name"
              name="name"
              required
              maxLength={80}
              hint="Customers read it beside their cashback"
            />
            <SelectField label="Currency" value={currency} onChange={(event) => onCurrency(event.target.value)}>
              {allCurrencies().map(({ code }) => (
                <option key={code}>{code}</option>
              ))}
            </SelectField>
            <SelectField
              label="Cashback"
              value={draft.kind}
              onChange={(event) => change({ kind: event.target.value as OfferDraft["kind"] })}
            >
              <option value="percent">A percentage of the purchase</option>
              <option value="fixed">A fixed amount</option>
              <option value="tiers">A percentage that rises with the purchase</option>
            </SelectField>
            {draft.kind === "percent" && (
              <TextField
                label="Percent"
                inputMode="decimal"
                value={draft.percent}
                onChange={(event) => change({ percent: event.target.value })}
                hint="Rounded down to the smallest unit"
              />
            )}
            {draft.kind === "fixed" && (
              <MoneyInput label="Amount" currency={currency} onChange={(fixed) => change({ fixed })} />
            )}
            {draft.kind === "tiers" && (
              <TierFields currency={currency} tiers={draft.tiers} onChange={(tiers) => change({ tiers })} />
            )}
            <MoneyInput label="Smallest purchase" currency={currency} onChange={(minimum) => change({ minimum })} />
          </div>
        </Sheet>
        <Sheet title="Limits">
          <div className="grid gap-4 sm:grid-cols-3">
            <MoneyInput label="Per purchase" currency={currency} onChange={(capPurchase) => change({ capPurchase })} />
            <MoneyInput label="Per customer" currency={currency} onChange={(capUser) => change({ capUser })} />
            <MoneyInput label="In all" currency={currency} onChange={(capTotal) => change({ capTotal })} />
          </div>
          <p className="mt-3 text-soft text-xs">Empty means no limit. The budget is always one.</p>
        </Sheet>
        <Sheet title="Time and other offers">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label="Ends"
              type="date"
              value={draft.endsOn}
              onChange={(event) => change({ endsOn: event.target.value })}
              hint="The last day; empty means open"
            />
            <TextField
              label="Days to return goods"
              type="number"
              min={0}
              max={3650}
              value={draft.returnDays}
              onChange={(event) => change({ returnDays: event.target.value })}
              hint="Cashback can be spent after them"
            />
            <TextField
              label="Runs out after days"
              type="number"
              min={1}
              max={3650}
              value={draft.expiryDays}
              onChange={(event) => change({ expiryDays: event.target.value })}
              hint="Empty means never"
            />
            <TextField
              label="Priority"
              type="number"
              min={0}
              max={10000}
              value={draft.priority}
              onChange={(event) => change({ priority: event.target.value })}
              hint="The lowest number gives first"
            />
            <SelectField
              label="Beside other offers"
              value={draft.stacking}
              onChange={(event) => change({ stacking: event.target.value as OfferDraft["stacking"] })}
            >
              <option value="exclusive">Gives alone</option>
              <option value="stackable">Adds to others</option>
            </SelectField>
            <SelectField
              label="For whom"
              value={draft.audience}
              onChange={(event) => change({ audience: event.target.value as OfferDraft["audience"] })}
              hint="A friend’s code counts once, with the first purchase"
            >
              <option value="everyone">Everyone who buys</option>
              <option value="referred">Who came by a friend’s code</option>
              <option value="referrer">The friend whose code it was</option>
            </SelectField>
            <SelectField
              label="Spent, then goods returned"
              value={draft.clawback}
              onChange={(event) => change({ clawback: event.target.value as OfferDraft["clawback"] })}
            >
              <option value="debt">The customer owes it</option>
              <option value="floor">The offer bears it</option>
            </SelectField>
            {can("cashback:manage") && (
              <SelectField label="Paid by" name="funded_by">
                <option value="merchant">The merchant</option>
                <option value="house">The house</option>
              </SelectField>
            )}
          </div>
        </Sheet>
        {problem && <ErrorState problem={problem} />}
        <Button kind="primary" type="submit" busy={create.busy} disabled={terms === null} className="w-full">
          Save as draft
        </Button>
      </form>
      <Preview terms={terms} currency={currency} />
    </div>
  );
}

const WAIT_MS = 300;

function Preview({ terms, currency }: { terms: ReturnType<typeof termsOf>; currency: string }) {
  const [minor, setMinor] = useState<number | null>(null);
  const asked = useSettled(terms && minor ? JSON.stringify({ terms, amount: { amount: minor, currency } }) : null);
  const preview = useQuery<Working, Problem>({
    queryKey: ["cashback-preview", asked],
    queryFn: () => api.post<Working>("/cashback/offers/preview", JSON.parse(asked ?? "{}")),
    enabled: asked !== null,
    retry: false,
  });
  return (
    <Sheet title="Try it" className="lg:sticky lg:top-4">
      <div className="space-y-4">
        <MoneyInput label="A customer pays" currency={currency} onChange={setMinor} />
        <div aria-live="polite">
          {asked === null && <p className="text-soft">Type what the offer gives and a purchase to see the working.</p>}
          {preview.error && <ErrorState problem={asProblem(preview.error)} />}
          {asked !== null && preview.data && (
            <>
              <p className="text-soft text-xs">and gets back</p>
              <p className="mt-1 mb-3 font-medium text-xl">
                <Money value={preview.data.amount} />
              </p>
              <WorkingSteps steps={preview.data.steps} />
            </>
          )}
        </div>
      </div>
    </Sheet>
  );
}

/** A value once it has stayed the same for a moment, so that not every key is a question. */
function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), WAIT_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
