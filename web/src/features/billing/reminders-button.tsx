"use client";

import { Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";

type Steps = Schemas["ReminderSteps"];
type Row = { key: number; days: string; words: string };

/** When customers are reminded of what is open, and in which words. */
export function RemindersButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Reminders</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Reminders by mail"
        description="Each step goes out once per invoice and stops when it is paid or credited"
      >
        <Loaded onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Loaded({ onDone }: { onDone: () => void }) {
  const found = useThing<Steps>("/billing/reminders");
  if (found.error) return <ErrorState problem={found.error} onRetry={() => found.refetch()} />;
  if (!found.data) return <Skeleton lines={4} />;
  return <StepsForm steps={found.data.steps} onDone={onDone} />;
}

const USUAL: Steps["steps"] = [
  { days: -3, words: "A friendly note that this invoice falls due in three days." },
  { days: 1, words: "This invoice fell due yesterday." },
  { days: 7, words: "This invoice has been due for a week." },
  { days: 14, words: "This invoice has been due for two weeks. Please pay it now." },
];

function StepsForm({ steps, onDone }: { steps: Steps["steps"]; onDone: () => void }) {
  const [rows, setRows] = useState<Row[]>(() => rowsOf(steps.length > 0 ? steps : USUAL));
  const act = useAction();

  async function submit(event: FormEvent) {
    event.preventDefault();
    const body = { steps: rows.map(({ days, words }) => ({ days: Number(days), words })) };
    if (await act.run(() => api.put("/billing/reminders", body))) onDone();
  }

  const change = (key: number, part: Partial<Row>) =>
    setRows((known) => known.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const add = () =>
    setRows((known) => [...known, { key: Math.max(0, ...known.map((row) => row.key)) + 1, days: "", words: "" }]);

  return (
    <form onSubmit={submit} className="space-y-4">
      {rows.map((row, index) => (
        <fieldset key={row.key} className="grid grid-cols-[6rem_1fr_auto] items-end gap-2">
          <legend className="sr-only">Step {index + 1}</legend>
          <TextField
            label="Days after"
            type="number"
            min={-60}
            max={365}
            required
            value={row.days}
            onChange={(event) => change(row.key, { days: event.target.value })}
          />
          <TextField
            label="Words"
            required
            maxLength={1000}
            value={row.words}
            onChange={(event) => change(row.key, { words: event.target.value })}
          />
          <button
            type="button"
            aria-label={`Remove step ${index + 1}`}
            onClick={() => setRows((known) => known.filter(({ key }) => key !== row.key))}
            className="mb-1 rounded p-2 hover:bg-well"
          >
            <X size={14} aria-hidden="true" />
          </button>
        </fieldset>
      ))}
      <p className="text-soft text-xs">Days after the due date; below zero is before it. No steps: no reminders.</p>
      <Button icon={<Plus size={14} aria-hidden />} onClick={add}>
        Add step
      </Button>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Save
      </Button>
    </form>
  );
}

function rowsOf(steps: Steps["steps"]): Row[] {
  return steps.map(({ days, words }, key) => ({ key, days: String(days), words }));
}
