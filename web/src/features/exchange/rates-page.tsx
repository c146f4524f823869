"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import currencies from "@/lib/currencies.json";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import type { Rate, Revaluation } from "./contract";

const CODES = currencies.map(({ code }) => code);

/** What one currency is worth in another for customers of this business, and the result of holding them. */
export function RatesPage() {
  const can = useCan();
  const rates = useThing<Rate[]>("/exchange-rates");
  if (rates.error) return <ErrorState problem={rates.error} onRetry={() => rates.refetch()} />;
  if (!rates.data) return <Skeleton lines={6} />;
  return (
    <div className="mx-auto max-w-[720px]">
      <PageHeader title="Exchange rates" note="The newest rate of a pair is in force; earlier ones stay on record" />
      <div className="space-y-6">
        {rates.data.length === 0 ? (
          <EmptyState
            title="No rates yet"
            why="With a rate between two currencies, customers can exchange one wallet's money into the other."
            example="1 USD = 15,850.25 IDR, of which 0.5 % stays with the house"
          />
        ) : (
          <RateTable rates={rates.data} />
        )}
        {can("ledger:admin") && <RateForm />}
        {can("ledger:post") && <RevaluationForm />}
      </div>
    </div>
  );
}

function RateTable({ rates }: { rates: Rate[] }) {
  return (
    <Sheet title="In force" flush>
      <table className="ledger-table w-full border-collapse">
        <caption className="sr-only">Rates in force</caption>
        <thead>
          <tr className="text-left text-soft text-xs">
            <th className="px-4 py-2 font-medium">Rate</th>
            <th className="px-4 py-2 font-medium">Spread</th>
            <th className="px-4 py-2 font-medium">Since</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {rates.map((rate) => (
            <tr key={`${rate.base}${rate.quote}`}>
              <td data-label="Rate" className="figures px-4 py-2">
                1 {rate.base} = {rate.rate} {rate.quote}
              </td>
              <td data-label="Spread" className="figures px-4 py-2">
                {Number((Number(rate.spread) * 100).toFixed(6))} %
              </td>
              <td data-label="Since" className="px-4 py-2">
                <When at={rate.at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function CurrencyField({ label, name, initial }: { label: string; name: string; initial: string }) {
  return (
    <SelectField label={label} name={name} defaultValue={initial}>
      {CODES.map((code) => (
        <option key={code}>{code}</option>
      ))}
    </SelectField>
  );
}

function RateForm() {
  const set = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const { base, quote, ...body } = Object.fromEntries(new FormData(form));
    if (await set.run(() => api.put(`/exchange-rates/${base}/${quote}`, body))) form.reset();
  }

  return (
    <Sheet title="Set a rate">
      <form onSubmit={submit} className="space-y-4">
        <div className="grid gap-3 sm:grid-cols-4">
          <CurrencyField label="One" name="base" initial="USD" />
          <TextField
            label="is worth"
            name="rate"
            inputMode="decimal"
            required
            error={set.problem?.messageFor("rate")}
          />
          <CurrencyField label="of" name="quote" initial="IDR" />
          <TextField
            label="Spread"
            name="spread"
            inputMode="decimal"
            defaultValue="0.005"
            hint="0.005 is half a percent"
            error={set.problem?.messageFor("spread")}
            required
          />
        </div>
        {set.problem && <ErrorState problem={set.problem} />}
        <Button kind="primary" type="submit" busy={set.busy}>
          Put in force
        </Button>
      </form>
    </Sheet>
  );
}

function RevaluationForm() {
  const revalue = useAction();
  const post = useKeyedPost();
  const [done, setDone] = useState<Revaluation | null>(null);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.currentTarget));
    void revalue.run(async () => {
      setDone(await post<Revaluation>("/ledger/revaluations", body));
    });
  }

  return (
    <Sheet title="Value the positions">
      <form onSubmit={submit} className="space-y-4">
        <p className="text-soft">
          Posts what the currencies held and owed have gained or lost by the end of a day. Again posts nothing.
        </p>
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label="End of" name="day" type="date" required error={revalue.problem?.messageFor("day")} />
          <CurrencyField label="In" name="currency" initial="IDR" />
        </div>
        {revalue.problem && <ErrorState problem={revalue.problem} />}
        <Button type="submit" busy={revalue.busy}>
          Post the result
        </Button>
        <p role="status">
          {done?.entry_id && (
            <Link href={`/ledger/entry/?id=${done.entry_id}`} className="text-accent underline underline-offset-4">
              See the entry
            </Link>
          )}
          {done && !done.entry_id && "Nothing has changed: there is nothing to post."}
        </p>
      </form>
    </Sheet>
  );
}
