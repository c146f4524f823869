"use client";

import { Lock, LockOpen } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Actor } from "@/features/names/names";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { ReasonField } from "@/ui/reason-field";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import type { Periods } from "./contract";
import { monthEnds } from "./month-ends";

/** Up to which day the books are closed: closing, reopening, and who did either. */
export function PeriodsPage() {
  const can = useCan();
  const periods = useThing<Periods>("/ledger/periods");
  if (periods.error) return <ErrorState problem={periods.error} onRetry={() => periods.refetch()} />;
  if (!periods.data) return <Skeleton lines={6} />;
  const { closed_through, closable_through, history } = periods.data;
  const facts: Fact[] = [
    ["Closed up to and with", closed_through ?? "Nothing is closed"],
    ["Can be closed up to", closable_through],
  ];
  return (
    <div className="mx-auto max-w-[720px]">
      <PageHeader
        title="Periods"
        note="Nothing is posted with a date in a closed period. What happened outside takes the day it is recorded on."
      />
      <div className="space-y-6">
        <Sheet
          title="Where the books stand"
          actions={can("ledger:admin") && closed_through && <ReopenButton closed={closed_through} />}
        >
          <Facts facts={facts} />
        </Sheet>
        {can("ledger:admin") && closable_through > (closed_through ?? "") && (
          <CloseForm key={closed_through} periods={periods.data} />
        )}
        <History closings={history} />
      </div>
    </div>
  );
}

function CloseForm({ periods }: { periods: Periods }) {
  const close = useAction();
  const ends = monthEnds(periods.closable_through, periods.closed_through);
  const [other, setOther] = useState(ends.length === 0);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { through: String(form.get("through")), reason: String(form.get("reason")) };
    void close.run(() => api.post("/ledger/periods/close", body));
  }

  return (
    <Sheet title="Close a period">
      <form onSubmit={submit} className="space-y-4">
        <div className="flex flex-wrap items-end gap-3">
          <div className="w-56">
            {other ? (
              <TextField
                label="Up to and with"
                name="through"
                type="date"
                max={periods.closable_through}
                error={close.problem?.messageFor("through")}
                required
              />
            ) : (
              <SelectField label="Up to the end of" name="through">
                {ends.map((day) => (
                  <option key={day}>{day}</option>
                ))}
              </SelectField>
            )}
          </div>
          {ends.length > 0 && (
            <Button type="button" onClick={() => setOther(!other)}>
              {other ? "Choose a month" : "Another day"}
            </Button>
          )}
        </div>
        <ReasonField problem={close.problem} defaultValue="Month end" />
        {close.problem && <ErrorState problem={close.problem} />}
        <Button kind="primary" type="submit" busy={close.busy} icon={<Lock size={14} aria-hidden />}>
          Close
        </Button>
      </form>
    </Sheet>
  );
}

function ReopenButton({ closed }: { closed: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="danger" icon={<LockOpen size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Reopen
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Reopen the books"
        description={`They are closed up to and with ${closed}. The reason stays on record.`}
      >
        <ReopenForm closed={closed} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ReopenForm({ closed, onDone }: { closed: string; onDone: () => void }) {
  const reopen = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { through: String(form.get("through")) || null, reason: String(form.get("reason")) };
    if (await reopen.run(() => api.post("/ledger/periods/reopen", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label="Leave closed up to and with"
        hint="Empty: nothing stays closed"
        name="through"
        type="date"
        max={closed}
        error={reopen.problem?.messageFor("through")}
      />
      <ReasonField problem={reopen.problem} />
      {reopen.problem && <ErrorState problem={reopen.problem} />}
      <Button kind="danger" type="submit" busy={reopen.busy} className="w-full">
        Reopen
      </Button>
    </form>
  );
}

function History({ closings }: { closings: Periods["history"] }) {
  if (closings.length === 0) {
    return (
      <EmptyState title="No period has been closed" why="Each closing and reopening is listed here with its reason." />
    );
  }
  return (
    <Sheet title="What was decided" flush>
      <ul className="divide-y divide-rule">
        {closings.map((closing) => (
          <li key={closing.at} className="space-y-1 px-4 py-3">
            <p className="flex flex-wrap justify-between gap-2">
              <span className="font-medium">
                {closing.closed_through ? `Closed up to ${closing.closed_through}` : "Open altogether"}
              </span>
              <When at={closing.at} beside />
            </p>
            <p>{closing.reason}</p>
            <p className="text-soft text-xs">
              <Actor value={closing.actor} />
            </p>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
