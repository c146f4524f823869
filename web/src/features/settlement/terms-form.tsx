"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList, useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
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
  const merchants = useList<Schemas["PartyOut"]>("/parties", { role: "merchant", limit: 100 }, known === null);
  const countries = useThing<Countries>("/settlement-countries");
  const failed = merchants.error ?? countries.error;
  if (failed) return <ErrorState problem={failed} onRetry={() => countries.refetch()} />;
  if (merchants.isLoading || !countries.data) return <Skeleton lines={8} />;
  const choices: Choice[] = known
    ? [[known.merchant_id, known.merchant_name ?? known.merchant_id]]
    : merchants.rows.map((party) => [party.id, party.name ?? party.id]);
  return <Form known={known} merchants={choices} countries={countries.data} onDone={onDone} />;
}

type Choice = [id: string, name: string];
type FormProps = Props & { merchants: Choice[]; countries: Countries };

function Form({ known, merchants, countries, onDone }: FormProps) {
  const act = useAction();
  const [merchant, setMerchant] = useState(known?.merchant_id ?? merchants[0]?.[0] ?? "");
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
        <SelectField
          label="Merchant"
          value={merchant}
          disabled={known !== null}
          onChange={(event) => setMerchant(event.target.value)}
          hint={merchants.length === 0 ? "There is no merchant yet" : undefined}
        >
          {merchants.map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
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
          key={`minimum${currency}`}
          label="Minimum"
          currency={currency}
          initial={known?.minimum.amount}
          onChange={setMinimum}
          hint="Less waits for the next day"
        />
        <MoneyInput
          key={`fee${currency}`}
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
