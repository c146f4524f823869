"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { newUuid } from "@/client/idempotency";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Field, SelectField } from "@/ui/field";
import { ImportButton } from "@/ui/import-button";
import { Facts } from "@/ui/sheet";
import { ToldRows } from "@/ui/told-rows";
import type { PartyImport } from "./contract";

/** Takes customers and suppliers in from a file: each row is judged and shown before anything is written. */
export function ImportParties() {
  const can = useCan();
  if (!can("parties:write")) return null;
  return (
    <ImportButton
      title="Import customers or suppliers"
      description="CSV or XLSX. The first row names the columns: name, kind, roles, email, phone, address, country, tax_number."
    >
      {(close) => <ImportForm onDone={close} />}
    </ImportButton>
  );
}

function ImportForm({ onDone }: { onDone: () => void }) {
  const act = useAction();
  const [seen, setSeen] = useState<PartyImport | null>(null);
  const [key, setKey] = useState(newUuid);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = new FormData(event.currentTarget);
    if (seen === null) {
      const query = { dry_run: true };
      await act.run(async () => setSeen(await api.post<PartyImport>("/party-imports", body, { query })));
    } else if (await act.run(() => api.post("/party-imports", body, { idempotencyKey: key }))) onDone();
  }

  function forget() {
    setSeen(null);
    setKey(newUuid());
    act.forget();
  }

  return (
    <form onSubmit={submit} onChange={forget} className="space-y-4">
      <Field label="File" hint="At most 1,000 rows; only the name is needed" error={act.problem?.messageFor("file")}>
        {(wiring) => <input {...wiring} type="file" name="file" accept=".csv,.txt,.xlsx" required />}
      </Field>
      <SelectField label="Whoever has no role in it is our" name="role" defaultValue="customer">
        <option value="customer">Customer</option>
        <option value="supplier">Supplier</option>
        <option value="merchant">Merchant</option>
      </SelectField>
      {act.problem && <ErrorState problem={act.problem} />}
      {seen && <Preview seen={seen} />}
      <Button
        kind="primary"
        type="submit"
        busy={act.busy}
        disabled={seen !== null && (seen.refused > 0 || seen.new === 0)}
        className="w-full"
      >
        {seen ? `Add ${seen.new}` : "Look at it first"}
      </Button>
    </form>
  );
}

function Preview({ seen }: { seen: PartyImport }) {
  const telling = seen.rows
    .filter((row) => row.problem)
    .map(({ number, name, status, problem }) => ({
      number,
      what: name,
      problem: status === "refused" ? problem : null,
      warning: problem,
    }));
  return (
    <section aria-label="What would happen" className="rounded-md border border-rule p-4">
      <p className="font-medium">Nothing has been written yet</p>
      <Facts
        facts={[
          ["New", seen.new],
          ["Here already, left as they are", seen.known],
          ["Refused", seen.refused],
        ]}
      />
      {seen.refused > 0 && <p className="text-soft text-sm">Put these rows right and choose the file again.</p>}
      <ToldRows rows={telling} />
    </section>
  );
}
