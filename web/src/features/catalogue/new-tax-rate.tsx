"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";

/** Adds a tax rate. A rate never changes; a new percentage is a new rate. */
export function NewTaxRate() {
  const [open, setOpen] = useState(false);
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { name: String(form.get("name")), percent: String(form.get("percent")).trim().replace(",", ".") };
    if (await act.run(() => api.post("/tax-rates", body))) setOpen(false);
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>New tax rate</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="New tax rate"
        description="A rate never changes once it is there"
      >
        <form onSubmit={submit} className="space-y-4">
          <TextField label="Name" name="name" required maxLength={80} error={act.problem?.messageFor("name")} />
          <TextField
            label="Percent"
            name="percent"
            inputMode="decimal"
            required
            pattern="(100([.,]0{1,4})?|[0-9]{1,2}([.,][0-9]{1,4})?)"
            hint="Of the price before tax, as 11 or 8.875"
          />
          {act.problem && <ErrorState problem={act.problem} />}
          <Button kind="primary" type="submit" busy={act.busy} className="w-full">
            Add the tax rate
          </Button>
        </form>
      </Dialog>
    </>
  );
}
