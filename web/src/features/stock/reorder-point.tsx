"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { State } from "@/ui/state";
import type { Level } from "./contract";

/** At which available quantity a product is to be bought again, and whether that time has come. */
export function ReorderPoint({ level }: { level: Level }) {
  const [open, setOpen] = useState(false);
  const act = useAction();
  const can = useCan();
  const name = level.product_name ?? level.product_id;
  const shown = level.reorder_at ?? "Never";

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const at = String(new FormData(event.currentTarget).get("reorder_at")).trim();
    const { warehouse_id, product_id } = level;
    const body = { warehouse_id, product_id, reorder_at: at === "" ? null : at.replace(",", ".") };
    if (await act.run(() => api.put("/stock/reorder-points", body))) setOpen(false);
  }

  return (
    <span className="inline-flex items-center gap-2">
      {can("stock:move") ? (
        <button type="button" onClick={() => setOpen(true)} className="underline underline-offset-4">
          {shown}
          <span className="sr-only"> for {name}: change</span>
        </button>
      ) : (
        shown
      )}
      {level.is_low && <State state="low" tone="waiting" word="Low" />}
      <Dialog open={open} onOpenChange={setOpen} title={`Buy ${name} again`} description="When so few are available">
        <form onSubmit={submit} className="space-y-4">
          <TextField
            label="Available"
            name="reorder_at"
            inputMode="decimal"
            pattern="[0-9]{1,12}([.,][0-9]{1,6})?"
            defaultValue={level.reorder_at ?? ""}
            hint="Empty for never"
          />
          {act.problem && <ErrorState problem={act.problem} />}
          <Button kind="primary" type="submit" busy={act.busy} className="w-full">
            Save
          </Button>
        </form>
      </Dialog>
    </span>
  );
}
