"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Field } from "@/ui/field";
import type { Colleague } from "./contract";
import { mentionedIn, typedName } from "./neighbours";

/** Writes about a customer; behind an @ the colleagues are offered, and whoever is named is told. */
export function NoteForm({ partyId }: { partyId: string }) {
  const act = useAction();
  const [body, setBody] = useState("");
  const colleagues = useThing<{ data: Colleague[] }>("/crm/colleagues");
  const staff = colleagues.data?.data ?? [];
  const typed = typedName(body);
  const offered =
    typed === null
      ? []
      : staff
          .filter(({ name }) => name.toLowerCase().startsWith(typed.toLowerCase()) && name !== typed.trim())
          .slice(0, 5);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const note = { body, mentions: mentionedIn(body, staff) };
    if (await act.run(() => api.post(`/crm/customers/${partyId}/notes`, note))) setBody("");
  }

  return (
    <form onSubmit={submit} className="space-y-3">
      <Field label="Note" hint="Write @ to name a colleague, who is told">
        {(wiring) => (
          <textarea
            {...wiring}
            rows={3}
            maxLength={5000}
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
        )}
      </Field>
      {offered.length > 0 && (
        <fieldset className="flex flex-wrap gap-1.5">
          <legend className="sr-only">Colleagues</legend>
          {offered.map(({ user_id, name }) => (
            <button
              key={user_id}
              type="button"
              onClick={() => setBody(`${body.slice(0, body.length - (typed ?? "").length)}${name} `)}
              className="rounded-full border border-rule px-3 py-1 text-xs hover:bg-well"
            >
              @{name}
            </button>
          ))}
        </fieldset>
      )}
      {act.problem && <ErrorState problem={act.problem} />}
      <Button type="submit" busy={act.busy} disabled={!body.trim()}>
        Save the note
      </Button>
    </form>
  );
}
