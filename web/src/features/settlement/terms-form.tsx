"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList, useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { bankName } from "@/features/payouts/banks";
import type { Beneficiary } from "@/features/payouts/contract";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { Skeleton } from "@/ui/skeleton";
import { type Countries, percentOf, rateOf, type SettlementTerms } from "./contract";

type Props = { known: SettlementTerms | null; onDone: () => void };

/** A merchant's terms in one currency, all of them: what is sent is what applies. */
export function TermsForm({ known, onDone }: Props) {
  const countries = useThing<Countries>("/settlement-countries");
  if (countries.error) return <ErrorState problem={countries.error} onRetry={() => countries.refetch()} />;
  if (!countries.data) return <Skeleton lines={8} />;
  return <Form known={known} countries={countries.data} onDone={onDone} />;
}

function Form({ known, countries, onDone }: Props & { countries: Countries }) {
  const act = useAction();
  const [merchant, setMerchant] = useState(known?.merchant_id ?? "");
  const [currency, setCurrency] = useState(known?.currency ?? "IDR");
  const [minimum, setMinimum] = useState<number | null>(known?.minimum.amount ?? 0);
  const [fee, setFee] = useState<number | null>(known?.fee.amount ?? 0);
  const [wrong, setWrong] = useState<string | null>(null);
  const messageFor = (field: string) => (wrong === field ? "A number from 0 to 100" : act.problem?.messageFor(field));

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const reserve = rateOf(String(form.get("reserve_rate")));
    const recovery = rateOf(String(form.get("recovery_rate")));
    setWrong(reserve === null ? "reserve_rate" : recovery === null ? "recovery_rate" : null);
    if (reserve === null || recovery === null) return;
    const body = {
      merchant_id: merchant,
      currency,
      delay_days: Number(form.get("delay_days")),
      country: String(form.get("country")),
      subdivision: known?.country === form.get("country") ? known.subdivision : "",
      cut_off: String(form.get("cut_off")),
      minimum: minimum ?? 0,
      fee: fee ?? 0,
      reserve_rate: reserve,
      reserve_days: Number(form.get("reserve_days")),
      recovery_rate: recovery,
      beneficiary_id: String(form.get("beneficiary_id")) || null,
    };
    if (await act.run(() => api.put("/settlement-terms", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
        <PartyPicker
          label="Merchant"
          among="merchant"
          required
          takesFirst
          disabled={known !== null}
          initial={known?.merchant_id ?? null}
          onChange={setMerchant}
        />
        <SelectField
          label="Currency"
          value={currency}
          disabled={known !== null}
          onChange={(event) => setCurrency(event.target.value)}
        >
          {allCurrencies().map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
      </div>
      <div className="grid gap-4 sm:grid-cols-3">
        <TextField
          label="Delay"
          name="delay_days"
          type="number"
          min={0}
          max={90}
          required
          defaultValue={known?.delay_days ?? 2}
          hint="Business days"
        />
        <TextField label="Cut-off" name="cut_off" type="time" required defaultValue={known?.cut_off ?? "17:00"} />
        <SelectField label="Holidays of" name="country" defaultValue={known?.country ?? "ID"}>
          <option value="">None: Mon–Fri</option>
          {countries.data.map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <MoneyInput
          label="Minimum"
          currency={currency}
          initial={known?.minimum.amount}
          onChange={setMinimum}
          hint="Less waits for the next day"
        />
        <MoneyInput
          label="Fee for each settlement"
          currency={currency}
          initial={known?.fee.amount}
          onChange={setFee}
          hint="May stay empty"
        />
      </div>
      <div className="grid gap-4 sm:grid-cols-3">
        <TextField
          label="Reserve, %"
          name="reserve_rate"
          inputMode="decimal"
          defaultValue={percentOf(known?.reserve_rate ?? "0")}
          error={messageFor("reserve_rate")}
        />
        <TextField
          label="Kept for, days"
          name="reserve_days"
          type="number"
          min={0}
          max={730}
          required
          defaultValue={known?.reserve_days ?? 0}
          error={messageFor("reserve_days")}
        />
        <TextField
          label="Debt repaid, at most %"
          name="recovery_rate"
          inputMode="decimal"
          defaultValue={percentOf(known?.recovery_rate ?? "1")}
          error={messageFor("recovery_rate")}
        />
      </div>
      <Destination key={merchant} merchant={merchant} known={known?.beneficiary_id ?? ""} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={merchant === ""} className="w-full">
        Settle by these terms
      </Button>
    </form>
  );
}

function Destination({ merchant, known }: { merchant: string; known: string }) {
  const book = useList<Beneficiary>("/beneficiaries", { party_id: merchant, limit: 100 }, merchant !== "");
  if (book.isLoading) return <Skeleton lines={1} />;
  const usable = book.rows.filter((row) => row.status === "verified" || row.id === known);
  return (
    <SelectField
      label="Pay to"
      name="beneficiary_id"
      defaultValue={known}
      hint={usable.length === 0 ? "The merchant's book has no confirmed account" : undefined}
    >
      <option value="">The merchant's wallet</option>
      {usable.map((row) => (
        <option key={row.id} value={row.id}>
          {`${row.holder_name ?? row.label} · ${bankName(row.bank_code)} ${row.number_hint}`}
        </option>
      ))}
    </SelectField>
  );
}
