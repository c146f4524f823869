"use client";

import { useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import type { Countries } from "@/features/settlement/contract";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import type { ConnectionDetail, Terms } from "./contract";

/** When a provider pays over what it has collected, so that money that is late is noticed. */
export function PayOverForm({ connection }: { connection: ConnectionDetail }) {
  const queries = useQueryClient();
  const act = useAction();
  const countries = useThing<Countries>("/settlement-countries");
  const path = `/connections/${encodeURIComponent(connection.id)}`;
  const known = connection.pays_over;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const country = String(form.get("country"));
    const terms = {
      days: Number(form.get("days")),
      cut_off: String(form.get("cut_off")),
      country,
      subdivision: known?.country === country ? known.subdivision : "",
    };
    await keep(terms);
  }

  async function keep(terms: Terms | null) {
    await act.run(async () => {
      await api.patch(path, { pays_over: terms });
      await queries.invalidateQueries({ queryKey: ["/connections"] });
      await queries.invalidateQueries({ queryKey: [path] });
    });
  }

  if (countries.error) return <ErrorState problem={countries.error} onRetry={() => countries.refetch()} />;
  if (!countries.data) return <Skeleton lines={3} />;
  return (
    // Anew when terms were taken back, so that the fields do not go on showing them.
    <form key={known ? "agreed" : "open"} onSubmit={submit} className="space-y-3">
      <h3 className="text-sm">When it pays over</h3>
      <p className="text-soft text-sm">
        What it collects up to the cut-off is in your bank this many business days later
      </p>
      <div className="grid gap-3 sm:grid-cols-3">
        <TextField
          label="Business days"
          name="days"
          type="number"
          min={0}
          max={90}
          required
          defaultValue={known?.days}
        />
        <TextField label="Cut-off" name="cut_off" type="time" required defaultValue={known?.cut_off ?? "23:59"} />
        <SelectField label="Holidays of" name="country" defaultValue={known?.country ?? ""}>
          <option value="">None: Mon–Fri</option>
          {countries.data.data.map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
      </div>
      {act.problem && <ErrorState problem={act.problem} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" busy={act.busy}>
          Keep the terms
        </Button>
        {known && (
          <Button kind="quiet" disabled={act.busy} onClick={() => keep(null)}>
            Not agreed
          </Button>
        )}
      </div>
    </form>
  );
}
