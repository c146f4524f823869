"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { MerchantField } from "@/features/payments/merchant-field";
import { allCurrencies } from "@/lib/money";
import { Button, ButtonLink } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { PageHeader, Sheet } from "@/ui/sheet";
import { useStored } from "@/ui/stored";
import { fraction } from "./contract";
import { PlanPreview } from "./plan-preview";

export type Draft = Record<string, string | number | string[] | null>;

const START: Draft = {
  parts: 4,
  interval: "monthly",
  down_payment: "0",
  interest: "none",
  annual_rate: "0",
  merchant_fee_rate: "0",
  cents: "last",
  month_end: "clamp",
  holiday_rule: "keep",
  country: null,
  grace_days: 3,
  late_fee_minor: 0,
};

/** A new plan, with the schedule of an example price beside it: the same calculator that will book it. */
export function NewPlanPage() {
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const [terms, setTerms] = useState<Draft>(START);
  const change = (changes: Draft) => setTerms((before) => ({ ...before, ...changes }));
  return (
    <>
      <PageHeader
        title="New plan"
        note="Terms stay as they are once a plan is offered"
        actions={<ButtonLink href="/installments/plans/">All plans</ButtonLink>}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_24rem]">
        <Sheet>
          <PlanForm currency={currency} onCurrency={setCurrency} terms={terms} onChange={change} />
        </Sheet>
        <PlanPreview key={currency} currency={currency} terms={terms} />
      </div>
    </>
  );
}

type FormProps = {
  currency: string;
  onCurrency: (code: string) => void;
  terms: Draft;
  onChange: (changes: Draft) => void;
};

function PlanForm({ currency, onCurrency, terms, onChange }: FormProps) {
  const router = useRouter();
  const act = useAction();
  const { party_id: own } = useSession();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const merchant = form.get("merchant_id");
    const body = {
      ...(merchant && { merchant_id: String(merchant) }),
      name: String(form.get("name")),
      currency,
      terms,
    };
    const seller = String(merchant ?? own ?? "");
    await act.run(async () => {
      if (form.get("as_usual") && seller && terms.allocation) {
        await api.put(`/installments/allocations/${seller}`, { allocation: terms.allocation });
      }
      await api.post("/installments/plans", body);
      router.push("/installments/plans/");
    });
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MerchantField />
      <div className="grid gap-4 sm:grid-cols-[1fr_8rem]">
        <TextField label="Name" name="name" maxLength={80} required hint="Customers read it" />
        <SelectField label="Currency" value={currency} onChange={(event) => onCurrency(event.target.value)}>
          {allCurrencies().map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
      </div>
      <Rhythm terms={terms} onChange={onChange} />
      <Cost terms={terms} onChange={onChange} />
      <Lateness currency={currency} terms={terms} onChange={onChange} />
      <Allocation terms={terms} onChange={onChange} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Offer this plan
      </Button>
    </form>
  );
}

type PartProps = { terms: Draft; onChange: (changes: Draft) => void };

function Rhythm({ terms, onChange }: PartProps) {
  return (
    <fieldset className="grid gap-4 sm:grid-cols-3">
      <legend className="sr-only">Parts</legend>
      <TextField
        label="Parts"
        type="number"
        min={1}
        max={120}
        required
        value={String(terms.parts)}
        onChange={(event) => onChange({ parts: Number(event.target.value) })}
      />
      <SelectField
        label="Every"
        value={String(terms.interval)}
        onChange={(event) => onChange({ interval: event.target.value })}
      >
        <option value="weekly">week</option>
        <option value="fortnightly">two weeks</option>
        <option value="monthly">month</option>
      </SelectField>
      <Percent label="At once" name="down_payment" onChange={onChange} />
      <SelectField
        label="On a holiday"
        value={String(terms.holiday_rule)}
        onChange={(event) => onChange(holiday(event.target.value, terms))}
      >
        <option value="keep">stays due</option>
        <option value="next">next working day</option>
        <option value="previous">working day before</option>
        <option value="next_in_month">next, within the month</option>
      </SelectField>
      {terms.holiday_rule !== "keep" && (
        <TextField
          label="Holidays of"
          value={String(terms.country ?? "")}
          onChange={(event) => onChange({ country: event.target.value.toUpperCase().slice(0, 2) })}
          pattern="[A-Z]{2}"
          required
          hint="Two letters, such as ID"
        />
      )}
      <SelectField
        label="Odd cents"
        value={String(terms.cents)}
        onChange={(event) => onChange({ cents: event.target.value })}
      >
        <option value="last">with the last part</option>
        <option value="first">with the first part</option>
        <option value="even">one each, first parts first</option>
      </SelectField>
    </fieldset>
  );
}

function holiday(rule: string, terms: Draft): Draft {
  return { holiday_rule: rule, country: rule === "keep" ? null : (terms.country ?? "ID") };
}

function Cost({ terms, onChange }: PartProps) {
  return (
    <fieldset className="grid gap-4 sm:grid-cols-3">
      <legend className="sr-only">Cost</legend>
      <SelectField
        label="Interest"
        value={String(terms.interest)}
        onChange={(event) => onChange(interest(event.target.value))}
      >
        <option value="none">none</option>
        <option value="flat">on the whole amount</option>
        <option value="declining">on what is owed</option>
      </SelectField>
      {terms.interest !== "none" && <Percent label="A year" name="annual_rate" onChange={onChange} start="12" />}
      <Percent label="Merchant pays" name="merchant_fee_rate" onChange={onChange} />
    </fieldset>
  );
}

function interest(kind: string): Draft {
  return {
    interest: kind,
    annual_rate: kind === "none" ? "0" : "0.12",
    ...(kind === "declining" && { cents: "last" }),
  };
}

function Lateness({ currency, terms, onChange }: PartProps & { currency: string }) {
  return (
    <fieldset className="grid gap-4 sm:grid-cols-2">
      <legend className="sr-only">Lateness</legend>
      <TextField
        label="Days of grace"
        type="number"
        min={0}
        max={365}
        value={String(terms.grace_days)}
        onChange={(event) => onChange({ grace_days: Number(event.target.value) })}
      />
      <MoneyInput
        label="Late fee"
        currency={currency}
        onChange={(minor) => onChange({ late_fee_minor: minor ?? 0 })}
        hint="Once for each part; may stay empty"
      />
    </fieldset>
  );
}

const ORDERS: Record<string, string> = {
  "penalty,fee,interest,principal": "Late fees, fee, interest, then the price",
  "principal,interest,fee,penalty": "The price, interest, fee, then late fees",
  "interest,penalty,fee,principal": "Interest, late fees, fee, then the price",
  "fee,interest,principal,penalty": "Fee, interest, the price, then late fees",
};

/** In which order money pays what is owed, where it does not pay all; the oldest part always comes first. */
function Allocation({ terms, onChange }: PartProps) {
  const chosen = Array.isArray(terms.allocation) ? terms.allocation.join() : "";
  return (
    <fieldset className="space-y-3">
      <legend className="sr-only">What money pays first</legend>
      <SelectField
        label="Money pays first"
        value={chosen}
        onChange={(event) => onChange({ allocation: event.target.value ? event.target.value.split(",") : null })}
        hint="Where it does not pay all that is due"
      >
        <option value="">As usual for the merchant</option>
        {Object.entries(ORDERS).map(([order, words]) => (
          <option key={order} value={order}>
            {words}
          </option>
        ))}
      </SelectField>
      {chosen && (
        <label className="flex items-center gap-2">
          <input type="checkbox" name="as_usual" />
          <span>Also usual for the merchant’s plans from now on</span>
        </label>
      )}
    </fieldset>
  );
}

type PercentProps = { label: string; name: string; start?: string; onChange: (changes: Draft) => void };

function Percent({ label, name, start = "0", onChange }: PercentProps) {
  const [text, setText] = useState(start);
  const isWrong = fraction(text) === null;
  return (
    <TextField
      label={`${label}, %`}
      inputMode="decimal"
      value={text}
      error={isWrong ? "A percentage, such as 12.5" : null}
      onChange={(event) => {
        setText(event.target.value);
        const value = fraction(event.target.value);
        if (value !== null) onChange({ [name]: value });
      }}
    />
  );
}
