"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";

/** Adds a warehouse; its currency is that of its stock's value and stays. */
export function NewWarehouse({ isFirst }: { isFirst: boolean }) {
  const [open, setOpen] = useState(false);
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = Object.fromEntries(["code", "name", "currency"].map((name) => [name, String(form.get(name))]));
    if (await act.run(() => api.post("/stock/warehouses", body))) setOpen(false);
  }

  return (
    <>
      <Button kind={isFirst ? "primary" : undefined} onClick={() => setOpen(true)}>
        New warehouse
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="New warehouse" description="A place goods are kept in">
        <form onSubmit={submit} className="space-y-4">
          <TextField label="Name" name="name" required maxLength={80} />
          <TextField label="Code" name="code" required maxLength={20} error={act.problem?.messageFor("code")} />
          <SelectField label="Currency" name="currency" defaultValue="IDR" hint="What its stock is valued in">
            {allCurrencies().map(({ code }) => (
              <option key={code}>{code}</option>
            ))}
          </SelectField>
          {act.problem && <ErrorState problem={act.problem} />}
          <Button kind="primary" type="submit" busy={act.busy} className="w-full">
            Add the warehouse
          </Button>
        </form>
      </Dialog>
    </>
  );
}
