"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { Field, SelectField, TextField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import type { Profile } from "./contract";
import { LeavesFrom } from "./leaves-from";

/** How the business appears on its invoices. */
export function ProfileButton() {
  const [open, setOpen] = useState(false);
  const profile = useThing<Profile>(open ? "/billing/profile" : null);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Letterhead</Button>
      <Dialog open={open} onOpenChange={setOpen} title="Letterhead" description="What stands on every invoice">
        {profile.data ? <ProfileForm profile={profile.data} onSaved={() => setOpen(false)} /> : <Skeleton lines={6} />}
      </Dialog>
    </>
  );
}

function ProfileForm({ profile, onSaved }: { profile: Profile; onSaved: () => void }) {
  const save = useAction();
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    const body = {
      name: text("name"),
      address: text("address"),
      tax_number: text("tax_number"),
      footer: text("footer"),
      due_days: Number(text("due_days")),
      country: text("country").trim().toUpperCase(),
      rounding: text("rounding") === "total" ? "total" : "line",
      // Who may not see warehouses is not shown the choice, and leaves it as it is.
      delivers_from: form.has("deliver_from") ? text("deliver_from") || null : profile.delivers_from,
    };
    if (await save.run(() => api.put("/billing/profile", body))) onSaved();
  }
  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField label="Name" name="name" required maxLength={120} defaultValue={profile.name} />
      <Field label="Address">
        {(wiring) => <textarea {...wiring} name="address" rows={3} maxLength={500} defaultValue={profile.address} />}
      </Field>
      <TextField
        label="Country"
        name="country"
        maxLength={2}
        pattern="[A-Za-z]{2}"
        defaultValue={profile.country}
        hint="Two letters, such as ID or DE; electronic invoices need it"
      />
      <TextField label="Tax number" name="tax_number" maxLength={120} defaultValue={profile.tax_number} />
      <TextField
        label="Last line"
        name="footer"
        maxLength={500}
        defaultValue={profile.footer}
        hint="Such as the bank account"
      />
      <TextField
        label="Due after days"
        name="due_days"
        type="number"
        min={0}
        max={366}
        defaultValue={profile.due_days}
      />
      <SelectField label="Taxes are rounded" name="rounding" defaultValue={profile.rounding}>
        <option value="line">On each line</option>
        <option value="total">On the sum of the lines</option>
      </SelectField>
      <LeavesFrom label="Goods leave with an invoice" initial={profile.delivers_from} />
      {save.problem && <ErrorState problem={save.problem} />}
      <Button kind="primary" type="submit" busy={save.busy} className="w-full">
        Save
      </Button>
    </form>
  );
}
