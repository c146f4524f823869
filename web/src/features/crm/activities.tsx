"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Activity } from "./contract";

/** What is to be done with a customer, the most urgent first, each ticked off where it stands. */
export function Activities({ partyId, activities }: { partyId: string; activities: Activity[] }) {
  const mayWrite = useCan()("crm:write");
  return (
    <div className="space-y-4">
      {activities.length === 0 && <p className="text-soft">Nothing is planned.</p>}
      <ul className="divide-y divide-rule">
        {activities.map((activity) => (
          <ActivityLine key={activity.id} activity={activity} mayWrite={mayWrite} />
        ))}
      </ul>
      {mayWrite && <ActivityForm partyId={partyId} />}
    </div>
  );
}

function ActivityLine({ activity, mayWrite }: { activity: Activity; mayWrite: boolean }) {
  const act = useAction();
  const isLate = new Date(activity.due_at) < new Date();
  return (
    <li className="flex flex-wrap items-center justify-between gap-2 py-2">
      <div className="min-w-0">
        <p className="font-medium [overflow-wrap:anywhere]">{activity.subject}</p>
        <p className="text-soft text-xs">
          {stateWord(activity.kind)} · <When at={activity.due_at} />
          {activity.owner_name && ` · ${activity.owner_name}`}
        </p>
        {act.problem && <ErrorState problem={act.problem} />}
      </div>
      <div className="flex items-center gap-2">
        {isLate && <State state="late" tone="failed" word="Overdue" />}
        {mayWrite && (
          <Button
            busy={act.busy}
            aria-label={`Done: ${activity.subject}`}
            onClick={() => act.run(() => api.post(`/crm/activities/${activity.id}/done`, {}))}
          >
            Done
          </Button>
        )}
      </div>
    </li>
  );
}

function ActivityForm({ partyId }: { partyId: string }) {
  const act = useAction();
  const [key, setKey] = useState(0);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      party_id: partyId,
      kind: String(form.get("kind")),
      subject: String(form.get("subject")),
      due_at: new Date(String(form.get("due_at"))).toISOString(),
    };
    if (await act.run(() => api.post("/crm/activities", body))) setKey(key + 1);
  }

  return (
    <form key={key} onSubmit={submit} className="space-y-3 border-rule border-t pt-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField label="To do" name="kind">
          <option value="call">Call</option>
          <option value="meeting">Meeting</option>
          <option value="task">Task</option>
        </SelectField>
        <TextField label="When" name="due_at" type="datetime-local" required />
      </div>
      <TextField label="About" name="subject" required maxLength={200} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button type="submit" busy={act.busy}>
        Plan it
      </Button>
    </form>
  );
}
