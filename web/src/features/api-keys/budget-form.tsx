"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import type { ApiKey, Member } from "./contract";

/** Whose budget, in which currency, and how much. */
export function BudgetForm({ keys, onDone }: { keys: ApiKey[]; onDone: () => void }) {
  const can = useCan();
  const set = useAction();
  const members = useList<Member>("/members", { limit: 100 }, can("members:read"));
  const [currency, setCurrency] = useState("IDR");
  const [day, setDay] = useState<number | null>(null);
  const [month, setMonth] = useState<number | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const holder = String(new FormData(event.currentTarget).get("holder"));
    const path = `/budgets/${encodeURIComponent(holder)}/${encodeURIComponent(currency)}`;
    if (await set.run(() => api.put(path, { per_day: day, per_month: month }))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label="Whose" name="holder" required>
        <optgroup label="Keys">
          {keys
            .filter((key) => !key.revoked_at)
            .map((key) => (
              <option key={key.id} value={key.id}>
                {key.name}
              </option>
            ))}
        </optgroup>
        <optgroup label="People">
          {members.rows.map(({ id, user }) => (
            <option key={id} value={user.id}>
              {user.name}
            </option>
          ))}
        </optgroup>
      </SelectField>
      <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
        {allCurrencies().map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
      <MoneyInput label="In a day" currency={currency} onChange={setDay} hint="Any 24 hours. Left empty: no limit" />
      <MoneyInput label="In 30 days" currency={currency} onChange={setMonth} hint="Left empty: no limit" />
      {set.problem && <ErrorState problem={set.problem} />}
      <Button kind="primary" type="submit" busy={set.busy} disabled={day === null && month === null} className="w-full">
        Set the budget
      </Button>
    </form>
  );
}
