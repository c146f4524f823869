"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { ReasonField } from "@/ui/reason-field";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Account, Monitor } from "./contract";

/** Lines on an account's balance: whoever listens to events is told when a commit takes the balance across one. */
export function MonitorsSheet({ account }: { account: Account }) {
  const can = useCan();
  const [adding, add] = useState(false);
  const path = `/ledger/accounts/${encodeURIComponent(account.id)}/monitors`;
  const monitors = useThing<{ data: Monitor[] }>(path);
  const mayChange = can("ledger:admin");
  return (
    <Sheet title="Watched" actions={mayChange && <Button onClick={() => add(true)}>Watch</Button>}>
      {monitors.isPending && <Skeleton lines={2} />}
      {monitors.error && <ErrorState problem={monitors.error} onRetry={() => monitors.refetch()} />}
      {monitors.data?.data.length === 0 && (
        <p className="text-soft">Nobody is told when this balance goes above or below an amount.</p>
      )}
      <ul className="divide-y divide-rule">
        {monitors.data?.data.map((monitor) => (
          <MonitorLine key={monitor.id} monitor={monitor} mayChange={mayChange} />
        ))}
      </ul>
      <Dialog
        open={adding}
        onOpenChange={add}
        title="Watch this balance"
        description="The event ledger.balance.crossed is told in the very commit that crosses the line"
      >
        {adding && <WatchForm path={path} account={account} onDone={() => add(false)} />}
      </Dialog>
    </Sheet>
  );
}

function MonitorLine({ monitor, mayChange }: { monitor: Monitor; mayChange: boolean }) {
  const act = useAction();
  const word = monitor.direction === "above" ? "Above" : "Below";
  return (
    <li className="py-2">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <span>
          {word} <Money value={monitor.limit} className="font-medium" />
        </span>
        {mayChange && (
          <Button
            busy={act.busy}
            aria-label={`Stop watching ${word.toLowerCase()} this line`}
            onClick={() => act.run(() => api.delete(`/ledger/monitors/${encodeURIComponent(monitor.id)}`))}
          >
            Stop
          </Button>
        )}
      </div>
      {act.problem && <ErrorState problem={act.problem} />}
    </li>
  );
}

type FormProps = { path: string; account: Account; onDone: () => void };

function WatchForm({ path, account, onDone }: FormProps) {
  const act = useAction();
  const [limit, setLimit] = useState<number | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { direction: String(form.get("direction")), limit, reason: String(form.get("reason")).trim() };
    if (await act.run(() => api.post(path, body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label="Tell when the balance goes" name="direction" defaultValue="below">
        <option value="below">Below</option>
        <option value="above">Above</option>
      </SelectField>
      <MoneyInput
        label="The line"
        currency={account.currency}
        onChange={setLimit}
        hint="Zero is a line as well"
        error={act.problem?.messageFor("limit") ?? null}
      />
      <ReasonField problem={act.problem} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={limit === null} className="w-full">
        Watch
      </Button>
    </form>
  );
}
