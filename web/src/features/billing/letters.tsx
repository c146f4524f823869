"use client";

import type { ReactNode } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";

export type Letter = Schemas["LetterOut"];

const WORDS: Record<string, string> = { invoice: "Invoice", quote: "Quote", reminder: "Reminder", portal: "Address" };

// A letter is done with once it is sent; a quote that is sent still awaits its answer.
const LOOKS: Record<string, string> = { sent: "delivered", given_up: "failed" };

/** The mails about a document and the way to send one; `path` is the document's own in the API. */
export function Letters({ path, canSend, children }: { path: string; canSend: boolean; children?: ReactNode }) {
  const found = useThing<Letter[] | { data: Letter[] }>(`${path}/mail`, undefined, 5000);
  const act = useAction();
  const send = () => act.run(() => api.post(`${path}/mail`, {}));
  return (
    <Sheet
      title="Mail"
      actions={
        canSend && (
          <Button busy={act.busy} onClick={send}>
            Send by mail
          </Button>
        )
      }
    >
      {act.problem && <ErrorState problem={act.problem} />}
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {!found.data && !found.error && <Skeleton lines={2} />}
      {found.data && <LetterList letters={Array.isArray(found.data) ? found.data : found.data.data} />}
      {children}
    </Sheet>
  );
}

/** What went to a customer by mail, and what became of it. */
export function LetterList({ letters }: { letters: Letter[] }) {
  if (letters.length === 0) return <p className="text-soft text-sm">Nothing has been sent by mail yet.</p>;
  return (
    <ul className="divide-y divide-rule text-sm">
      {letters.map((letter) => (
        <li key={letter.id} className="py-2">
          <span className="flex flex-wrap items-center justify-between gap-2">
            {WORDS[letter.kind] ?? letter.kind}
            <LetterState state={letter.state} />
          </span>
          <span className="text-soft text-xs">
            <When at={letter.ended_at ?? letter.created_at} />
            {letter.error && ` · ${letter.error}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Whether a mail has gone. */
export function LetterState({ state }: { state: string }) {
  return <State state={LOOKS[state] ?? state} word={wordOf(state)} />;
}

function wordOf(state: string): string {
  if (state === "sent") return "Sent";
  return state === "given_up" ? "Not sent" : "On its way";
}
