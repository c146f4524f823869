"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { ReasonField } from "@/ui/reason-field";
import { type Entry, type Made, placeOf } from "./contract";

type Reversal = { effective_at: string; reason: string };

/** Undoes an entry by a linked one with the sides exchanged; what a module keeps rows of is undone there. */
export function ReverseButton({ entry }: { entry: Entry }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("ledger:post") || entry.reversed_by || entry.undo) return null;
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        Reverse
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Reverse this entry"
        description="A new entry with the sides exchanged; this one stays as it is"
      >
        <ReverseForm entry={entry} />
      </Dialog>
    </>
  );
}

function ReverseForm({ entry }: { entry: Entry }) {
  const post = useKeyedPost();
  const router = useRouter();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  // The moment the form was opened: sending again must say exactly the same.
  const [now] = useState(() => new Date().toISOString());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body: Reversal = {
      effective_at: form.get("when") === "then" ? entry.effective_at : now,
      reason: String(form.get("reason")),
    };
    setBusy(true);
    setProblem(null);
    try {
      const made = await post<Made>(`/ledger/entries/${entry.id}/reverse`, body);
      router.push(placeOf(made));
    } catch (error) {
      const refused = asProblem(error);
      setProblem(refused);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <ul className="divide-y divide-rule rounded-md border border-rule">
        {entry.postings.map((posting) => (
          <li key={posting.line} className="p-3">
            <p className="text-right">
              <Money value={posting.amount} className="font-medium" />
            </p>
            <p className="font-mono text-xs [overflow-wrap:anywhere]">
              <span className="text-soft">debit</span> {posting.credit_code ?? posting.credit_account}
              <br />
              <span className="text-soft">credit</span> {posting.debit_code ?? posting.debit_account}
            </p>
          </li>
        ))}
      </ul>
      <fieldset className="space-y-1">
        <legend className="font-medium">Effective</legend>
        <label className="flex items-center gap-2">
          <input type="radio" name="when" value="now" defaultChecked /> Now
        </label>
        <label className="flex items-center gap-2">
          <input type="radio" name="when" value="then" /> When the entry was
        </label>
      </fieldset>
      <ReasonField problem={problem} />
      {problem && <ErrorState problem={problem} />}
      <Button kind="danger" type="submit" busy={busy} className="w-full">
        Post the reversal
      </Button>
    </form>
  );
}
