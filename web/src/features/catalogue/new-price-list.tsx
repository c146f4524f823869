"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { useStored } from "@/ui/stored";
import type { PriceList } from "./contract";

type Props = { lists: PriceList[]; onAdded: (id: string) => void };

/** Adds a price list. Whether its prices include tax stays as it is. */
export function NewPriceList({ lists, onAdded }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        New price list
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="New price list"
        description="It begins empty; a product without a price in it costs what the standard list says"
      >
        {open && (
          <ListForm
            lists={lists}
            onAdded={(id) => {
              setOpen(false);
              onAdded(id);
            }}
          />
        )}
      </Dialog>
    </>
  );
}

function ListForm({ lists, onAdded }: Props) {
  const act = useAction();
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const hasStandard = lists.some((list) => list.is_default && list.currency === currency);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      name: String(form.get("name")).trim(),
      currency,
      tax_inclusive: form.has("tax_inclusive"),
      is_default: form.has("is_default"),
    };
    await act.run(async () => onAdded((await api.post<PriceList>("/price-lists", body)).id));
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField label="Name" name="name" required maxLength={80} error={act.problem?.messageFor("name")} />
      <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
        {allCurrencies().map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
      <label className="flex items-center gap-2">
        <input type="checkbox" name="tax_inclusive" />
        Prices include tax
      </label>
      {!hasStandard && (
        <label className="flex items-center gap-2">
          <input type="checkbox" name="is_default" />
          {`The standard list in ${currency}`}
        </label>
      )}
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Add the price list
      </Button>
    </form>
  );
}
