"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { ReasonField } from "@/ui/reason-field";
import { Skeleton } from "@/ui/skeleton";
import type { Policy } from "./contract";

/** How stock is kept in the whole organisation: whether it may go below zero, and how the cost of goods is found. */
export function StockPolicy() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Policy</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="How stock is kept"
        description="From the next movement on; what has moved stays as it is"
      >
        {open && <Loaded onDone={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function Loaded({ onDone }: { onDone: () => void }) {
  const policy = useThing<Policy>("/stock/policy");
  if (policy.error) return <ErrorState problem={policy.error} onRetry={() => policy.refetch()} />;
  if (!policy.data) return <Skeleton lines={4} />;
  return <PolicyForm policy={policy.data} onDone={onDone} />;
}

function PolicyForm({ policy, onDone }: { policy: Policy; onDone: () => void }) {
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      may_go_below: form.get("may_go_below") === "true",
      method: String(form.get("method")),
      reason: String(form.get("reason")).trim(),
    };
    if (await act.run(() => api.put("/stock/policy", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField
        label="When more is wanted than there is"
        name="may_go_below"
        defaultValue={String(policy.may_go_below)}
        hint="Below zero, goods leave at the last known cost until more are received"
      >
        <option value="false">It is refused</option>
        <option value="true">Stock goes below zero</option>
      </SelectField>
      <SelectField
        label="Cost of goods"
        name="method"
        defaultValue={policy.method}
        hint="For products that have no method of their own and no stock yet"
      >
        <option value="fifo">First in, first out</option>
        <option value="average">Average</option>
      </SelectField>
      <ReasonField problem={act.problem} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Keep stock like this
      </Button>
    </form>
  );
}
