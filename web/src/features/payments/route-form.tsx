"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import type { Schemas } from "@/client/schemas";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { methodName } from "./payment-steps";

const METHODS = ["qr", "virtual_account", "ewallet", "card"];

/** A rule to add: what is left open fits every payment. */
export function RouteForm({ connections }: { connections: Schemas["ConnectionOut"][] }) {
  const queries = useQueryClient();
  const [currency, setCurrency] = useState("");
  const [most, setMost] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  function chooseCurrency(code: string) {
    setCurrency(code);
    // Without a currency there is no field, and what was typed in it is gone.
    if (!code) setMost(null);
  }

  async function add(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    setBusy(true);
    setProblem(null);
    try {
      await api.post("/payment-routes", {
        connection_id: text("connection"),
        position: Number(text("position")) || 0,
        weight: Number(text("weight")) || 1,
        ...(text("method") && { method: text("method") }),
        ...(currency && { currency }),
        ...(currency && most && { max_amount: most }),
        ...(text("country") && { country: text("country").toUpperCase() }),
      });
      await queries.invalidateQueries();
      element.reset();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={add} className="space-y-4">
      <SelectField label="Way to pay" name="method" defaultValue="">
        <option value="">Every way</option>
        {METHODS.map((method) => (
          <option key={method} value={method}>
            {methodName(method)}
          </option>
        ))}
      </SelectField>
      <SelectField label="Currency" value={currency} onChange={(event) => chooseCurrency(event.target.value)}>
        <option value="">Every currency</option>
        {allCurrencies().map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
      {currency && <MoneyInput label="Up to" currency={currency} onChange={setMost} />}
      <TextField label="Country" name="country" maxLength={2} hint="Two letters, such as ID; empty for every country" />
      <SelectField label="Goes to" name="connection">
        {connections.map((connection) => (
          <option key={connection.id} value={connection.id}>
            {connection.name}
          </option>
        ))}
      </SelectField>
      <div className="grid grid-cols-2 gap-4">
        <TextField label="Position" name="position" type="number" min={0} max={1000} defaultValue={0} />
        <TextField label="Weight" name="weight" type="number" min={1} max={1000} defaultValue={1} />
      </div>
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        Add the rule
      </Button>
    </form>
  );
}
