"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";
import type { PriceList, PriceLists } from "./contract";

/** Calls a price list otherwise, or takes it out of use. */
export function PriceListSettings({ list }: { list: PriceList }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Rename or archive</Button>
      <Dialog open={open} onOpenChange={setOpen} title={list.name} description="Documents that exist keep their prices">
        {open && <Settings list={list} onDone={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function Settings({ list, onDone }: { list: PriceList; onDone: () => void }) {
  const renaming = useAction();
  const archiving = useAction();

  async function rename(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (await renaming.run(() => api.patch(`/price-lists/${list.id}`, { name }))) onDone();
  }

  async function archive() {
    if (await archiving.run(() => api.post(`/price-lists/${list.id}/archive`))) onDone();
  }

  return (
    <div className="space-y-6">
      <form onSubmit={rename} className="space-y-4">
        <TextField
          label="Name"
          name="name"
          required
          maxLength={80}
          defaultValue={list.name}
          error={renaming.problem?.messageFor("name")}
        />
        {renaming.problem && <ErrorState problem={renaming.problem} />}
        <Button kind="primary" type="submit" busy={renaming.busy} className="w-full">
          Save the name
        </Button>
      </form>
      {list.is_default ? (
        <p className="text-soft text-sm">
          This is the standard list in {list.currency}: whoever has no list of their own buys by it, so it stays in use.
        </p>
      ) : (
        <div className="space-y-3 border-rule border-t pt-4">
          <p className="text-sm">
            An archived list prices nothing. Customers who buy by it buy by the standard list in {list.currency} from
            then on.
          </p>
          {archiving.problem && <ErrorState problem={archiving.problem} />}
          <Button kind="danger" busy={archiving.busy} onClick={archive} className="w-full">
            Archive this list
          </Button>
        </div>
      )}
    </div>
  );
}

/** The lists out of use, each to be taken into use again; nothing where there is none. */
export function ArchivedPriceLists() {
  const act = useAction();
  const found = useThing<PriceLists>("/price-lists", { status: "archived" });
  if (!found.data?.data.length) return null;
  return (
    <Sheet title="Archived" className="mt-6">
      <ul className="divide-y divide-rule">
        {found.data.data.map((list) => (
          <li key={list.id} className="flex flex-wrap items-center justify-between gap-2 py-2">
            <span>
              {list.name} <span className="text-soft">· {list.currency}</span>
            </span>
            <Button busy={act.busy} onClick={() => act.run(() => api.post(`/price-lists/${list.id}/restore`))}>
              Use again
              <span className="sr-only">{`: ${list.name}`}</span>
            </Button>
          </li>
        ))}
      </ul>
      {act.problem && <ErrorState problem={act.problem} />}
    </Sheet>
  );
}
