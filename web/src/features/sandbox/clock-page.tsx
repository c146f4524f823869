"use client";

import { FastForward } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { durationInWords } from "@/lib/dates";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import type { Clock } from "./business-now";

/** The sandbox's own clock: moved forward, so that what is due tomorrow can be tried today. */
export function ClockPage() {
  const { tenant } = useSession();
  const can = useCan();
  const clock = useThing<Clock>("/sandbox/clock");
  if (tenant.mode !== "sandbox") {
    return (
      <EmptyState
        title="Real time"
        why="Only a sandbox's clock can be moved. Change to the sandbox of this organisation at the top of the page."
      />
    );
  }
  if (clock.error) return <ErrorState problem={clock.error} onRetry={() => clock.refetch()} />;
  if (!clock.data) return <Skeleton />;
  const facts: Fact[] = [
    ["It is now", <When key="now" at={clock.data.now} />],
    ["Ahead of real time", durationInWords(clock.data.ahead_seconds)],
  ];
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader
        title="Sandbox clock"
        note="It only goes forward. Whatever falls due on the way happens, in its order."
      />
      <div className="space-y-6">
        <Sheet>
          <Facts facts={facts} />
        </Sheet>
        {can("sandbox:clock") && <Advance />}
      </div>
    </div>
  );
}

const UNITS: [name: string, seconds: number][] = [
  ["minutes", 60],
  ["hours", 3_600],
  ["days", 86_400],
];
const STEPS: [name: string, seconds: number][] = [
  ["15 minutes", 900],
  ["1 hour", 3_600],
  ["1 day", 86_400],
  ["1 week", 604_800],
];

function Advance() {
  const move = useAction();
  const [done, setDone] = useState<Clock | null>(null);
  const advance = (seconds: number) =>
    move.run(async () => setDone(await api.post<Clock>("/sandbox/clock/advance", { seconds })));

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void advance(Number(form.get("count")) * Number(form.get("unit")));
  }

  return (
    <Sheet title="Go forward">
      <div className="space-y-4">
        <div className="flex flex-wrap gap-2">
          {STEPS.map(([name, seconds]) => (
            <Button key={name} disabled={move.busy} onClick={() => advance(seconds)}>
              {name}
            </Button>
          ))}
        </div>
        <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
          <div className="w-24">
            <TextField label="Or" name="count" type="number" min={1} max={366} defaultValue={1} required />
          </div>
          <div className="w-36">
            <SelectField label="Unit" name="unit" defaultValue="86400">
              {UNITS.map(([name, seconds]) => (
                <option key={name} value={seconds}>
                  {name}
                </option>
              ))}
            </SelectField>
          </div>
          <Button kind="primary" type="submit" busy={move.busy} icon={<FastForward size={14} aria-hidden />}>
            Go forward
          </Button>
        </form>
        {move.problem && <ErrorState problem={move.problem} />}
        <p role="status">
          {done && !move.busy && (
            <>
              It is now <When at={done.now} />; {done.done === 1 ? "1 thing" : `${done.done} things`} fell due on the
              way.
            </>
          )}
        </p>
      </div>
    </Sheet>
  );
}
