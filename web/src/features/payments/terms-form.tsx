"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { percentOf, rateOf } from "@/features/settlement/contract";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { CheckList } from "@/ui/check-list";
import { ErrorState } from "@/ui/error-state";
import { Field, SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { Sheet } from "@/ui/sheet";
import { methodName } from "./payment-steps";
import { addressesIn, changedTerms, ROUNDINGS, type Terms } from "./terms";

const METHODS = ["qr", "virtual_account", "ewallet", "card"];
const MINUTE = 60;
/** What a colour field shows while the page has the platform's own colour; such a field cannot be empty. */
const UNSET_COLOUR = "#0f5c4d";

type Props = { terms: Terms; merchant: string | null };

/** The terms in force, to change: what is left as it is is not sent. */
export function TermsForm({ terms, merchant }: Props) {
  const act = useAction();
  const [fixed, setFixed] = useState<Record<string, number>>(terms.fee_fixed);
  const [wrongRate, setWrongRate] = useState(false);
  const [nothing, setNothing] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const rate = rateOf(String(form.get("fee_rate")));
    setWrongRate(rate === null);
    if (rate === null) return;
    const changed = changedTerms(terms, { ...typedTerms(terms, form), fee_rate: rate, fee_fixed: fixed });
    setNothing(Object.keys(changed).length === 0);
    if (Object.keys(changed).length === 0) return;
    await act.run(() => api.patch("/payment-settings", { ...changed, merchant_id: merchant }));
  }

  const rateError = wrongRate ? "A number from 0 to 100" : act.problem?.messageFor("fee_rate");
  return (
    <form onSubmit={submit} className="space-y-6">
      <Sheet title="Fees and hold">
        <div className="space-y-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label="Fee, %"
              name="fee_rate"
              inputMode="decimal"
              required
              defaultValue={percentOf(terms.fee_rate)}
              error={rateError}
            />
            <SelectField label="Rounded" name="rounding" defaultValue={terms.rounding}>
              {ROUNDINGS.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </SelectField>
          </div>
          <FixedFees fixed={fixed} onChange={setFixed} />
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label="Money is held for, days"
              name="hold_days"
              type="number"
              min={0}
              max={365}
              required
              defaultValue={terms.hold_days}
            />
            <SelectField label="When a payment is refunded" name="refund_fee" defaultValue={terms.refund_fee}>
              <option value="keep">The fee is kept</option>
              <option value="return">The fee goes back</option>
            </SelectField>
          </div>
        </div>
      </Sheet>
      <Sheet title="For the customer">
        <div className="space-y-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField label="Name on the page" name="display_name" maxLength={100} defaultValue={terms.display_name} />
            <TextField
              label="Colour"
              name="accent_colour"
              type="color"
              defaultValue={terms.accent_colour || UNSET_COLOUR}
            />
            <TextField
              label="Time to pay, minutes"
              name="expiry_minutes"
              type="number"
              min={1}
              max={43200}
              required
              defaultValue={Math.round(terms.expiry_seconds / MINUTE)}
              error={act.problem?.messageFor("expiry_seconds")}
            />
            <SelectField label="Money that comes late" name="accept_late" defaultValue={String(terms.accept_late)}>
              <option value="true">Is taken</option>
              <option value="false">Waits for a person</option>
            </SelectField>
          </div>
          <CheckList
            legend="Ways to pay that are not offered"
            name="methods_off"
            options={METHODS.map((method) => [method, methodName(method)])}
            checked={terms.methods_off}
          />
          <Field
            label="Addresses that may lead back to the shop"
            hint="One on a line; a payment names one of them, letter by letter"
            error={act.problem?.messageFor("return_urls")}
          >
            {(wiring) => (
              <textarea {...wiring} name="return_urls" rows={3} defaultValue={terms.return_urls.join("\n")} />
            )}
          </Field>
        </div>
      </Sheet>
      {act.problem && <ErrorState problem={act.problem} />}
      <p role="status" className="text-soft empty:hidden">
        {nothing && "Nothing is different."}
      </p>
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        {merchant ? "Set for this merchant" : "Set for everybody"}
      </Button>
    </form>
  );
}

function typedTerms(terms: Terms, form: FormData): Terms {
  const colour = String(form.get("accent_colour"));
  const minutes = Number(form.get("expiry_minutes"));
  return {
    ...terms,
    rounding: String(form.get("rounding")),
    hold_days: Number(form.get("hold_days")),
    refund_fee: String(form.get("refund_fee")),
    accept_late: form.get("accept_late") === "true",
    display_name: String(form.get("display_name")).trim(),
    accent_colour: terms.accent_colour === "" && colour === UNSET_COLOUR ? "" : colour,
    expiry_seconds: minutes === Math.round(terms.expiry_seconds / MINUTE) ? terms.expiry_seconds : minutes * MINUTE,
    methods_off: METHODS.filter((method) => form.getAll("methods_off").includes(method)),
    return_urls: addressesIn(String(form.get("return_urls"))),
  };
}

type FixedProps = { fixed: Record<string, number>; onChange: (fixed: Record<string, number>) => void };

/** A fixed part of the fee in each currency; a currency without one has none. */
function FixedFees({ fixed, onChange }: FixedProps) {
  const missing = allCurrencies().filter(({ code }) => !(code in fixed));
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {Object.entries(fixed).map(([currency, amount]) => (
        <MoneyInput
          key={currency}
          label={`Fixed fee in ${currency}`}
          currency={currency}
          initial={amount}
          onChange={(minor) => onChange({ ...fixed, [currency]: minor ?? 0 })}
        />
      ))}
      <SelectField
        label="A fixed fee in another currency"
        value=""
        onChange={(event) => event.target.value && onChange({ ...fixed, [event.target.value]: 0 })}
      >
        <option value="">None</option>
        {missing.map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
    </div>
  );
}
