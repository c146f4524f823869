"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { startOfBusinessDay } from "@/lib/dates";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { useZone } from "@/ui/zone";
import type { Endpoint } from "./contract";

type Recovery = Schemas["RecoveryOut"];

/** Sends again from an event's number, or from a business day, whatever the endpoint did not accept. */
export function RecoverForm({ endpoint }: { endpoint: Endpoint }) {
  const zone = useZone();
  const recover = useAction();
  const [from, setFrom] = useState<"number" | "day">(endpoint.missed_from_n === null ? "day" : "number");
  const [begun, setBegun] = useState<Recovery | null>(null);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const start =
      from === "number"
        ? { since_n: Number(form.get("since_n")) }
        : { since: startOfBusinessDay(String(form.get("day")), zone) };
    const through = form.get("through_n");
    const body = {
      ...start,
      through_n: through ? Number(through) : null,
      include_delivered: form.get("include_delivered") === "on",
    };
    void recover.run(async () => setBegun(await api.post<Recovery>(`/webhook-endpoints/${endpoint.id}/recover`, body)));
  }

  if (begun) {
    return (
      <p role="status">
        Events {begun.since_n} to {begun.through_n} are being sent again. They appear among the deliveries.
      </p>
    );
  }
  return (
    <form onSubmit={submit} className="space-y-4">
      <fieldset className="flex gap-4">
        <legend className="mb-1 font-medium">From</legend>
        {(["day", "number"] as const).map((choice) => (
          <label key={choice} className="flex items-center gap-2">
            <input type="radio" name="from" checked={from === choice} onChange={() => setFrom(choice)} />
            {choice === "day" ? "A day" : "A number of the feed"}
          </label>
        ))}
      </fieldset>
      {from === "day" ? (
        <TextField label="Day" name="day" type="date" required hint={`From midnight in ${zone}`} />
      ) : (
        <>
          <TextField
            label="Number"
            name="since_n"
            type="number"
            min={1}
            required
            defaultValue={endpoint.missed_from_n ?? undefined}
          />
          <TextField
            label="Last number"
            name="through_n"
            type="number"
            min={1}
            hint="Empty for everything up to now"
            error={recover.problem?.messageFor("through_n")}
          />
        </>
      )}
      <label className="flex items-center gap-2">
        <input type="checkbox" name="include_delivered" /> Also what it has accepted
      </label>
      {recover.problem && <ErrorState problem={recover.problem} />}
      <Button kind="primary" type="submit" busy={recover.busy} className="w-full">
        Send again
      </Button>
    </form>
  );
}
