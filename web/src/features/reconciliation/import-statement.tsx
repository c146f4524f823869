"use client";

import { FileUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { Field, SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { type Fact, Facts } from "@/ui/sheet";
import { stateWord } from "@/ui/state";
import type { Outcome, Source } from "./contract";

/** Takes a statement in: first it is shown what would match, and only then it is done. */
export function ImportStatement({ source }: { source: Source }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" icon={<FileUp size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Import a statement
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Import a statement"
        description={`Of ${source.name}. A file is taken whole or not at all.`}
      >
        <ImportForm source={source} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ImportForm({ source, onDone }: { source: Source; onDone: () => void }) {
  const act = useAction();
  const [preview, setPreview] = useState<Outcome | null>(null);
  const [key, setKey] = useState(() => crypto.randomUUID());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = new FormData(event.currentTarget);
    const path = `/reconciliation/sources/${source.id}/imports`;
    if (preview) {
      if (await act.run(() => api.post(path, body, { idempotencyKey: key }))) onDone();
      return;
    }
    await act.run(async () => setPreview(await api.post<Outcome>(path, body, { query: { dry_run: true } })));
  }

  function forget() {
    setPreview(null);
    setKey(crypto.randomUUID());
    act.forget();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label="Format" name="format" onChange={forget} defaultValue={source.has_csv ? "csv" : "camt053"}>
        {source.has_csv && <option value="csv">CSV, with this source's columns</option>}
        <option value="camt053">camt.053 (XML)</option>
        <option value="mt940">MT940</option>
      </SelectField>
      <Field label="File" hint="At most 10 MB" error={act.problem?.messageFor("file")}>
        {(wiring) => <input {...wiring} type="file" name="file" required onChange={forget} />}
      </Field>
      {act.problem && <ErrorState problem={act.problem} />}
      {preview && <Preview outcome={preview} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        {preview ? "Import" : "Show what would match"}
      </Button>
    </form>
  );
}

function Preview({ outcome }: { outcome: Outcome }) {
  const facts: Fact[] = [
    ["Lines", outcome.lines],
    ...Object.entries(outcome.matched).map(([rule, number]): Fact => [`Matched by ${rule}`, number]),
    ["New exceptions", outcome.new_exceptions],
    ["Open afterwards", outcome.open_amount ? <Money key="open" value={outcome.open_amount} /> : outcome.open_items],
  ];
  return (
    <section aria-label="What would match" className="rounded-md border border-rule p-4">
      <p className="font-medium">Nothing has been imported yet</p>
      <Facts facts={facts} />
      <ul className="mt-2 space-y-1 text-sm">
        {outcome.exceptions.slice(0, 8).map((each) => (
          <li key={each.id} className="flex flex-wrap justify-between gap-2">
            <span className="min-w-0 [overflow-wrap:anywhere]">
              {stateWord(each.kind)}: {each.about}
            </span>
            <Money value={each.amount} />
          </li>
        ))}
      </ul>
    </section>
  );
}
