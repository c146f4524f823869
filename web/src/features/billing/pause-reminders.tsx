"use client";

import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";

/** Pause the reminders of one invoice, or let them go on. */
export function PauseReminders({ id }: { id: string }) {
  const path = `/billing/invoices/${id}`;
  const found = useThing<Schemas["LettersOut"]>(`${path}/mail`, undefined, 5000);
  const act = useAction();
  if (!found.data) return null;
  const paused = found.data.reminders_paused;
  const turn = () => act.run(() => api.put(`${path}/reminders`, { paused: !paused }));
  return (
    <div className="mt-3 space-y-2">
      {act.problem && <ErrorState problem={act.problem} />}
      <Button busy={act.busy} onClick={turn}>
        {paused ? "Let reminders go on" : "Pause reminders"}
      </Button>
    </div>
  );
}
