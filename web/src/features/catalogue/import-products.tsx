"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { api } from "@/client/api";
import { newUuid } from "@/client/idempotency";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Field } from "@/ui/field";
import { ImportButton } from "@/ui/import-button";
import { type Fact, Facts } from "@/ui/sheet";
import { ToldRows } from "@/ui/told-rows";
import type { ImportRun, ProductImport } from "./contract";

/** Takes products in from a file: each row is judged and shown before anything is written. */
export function ImportProducts() {
  return (
    <ImportButton
      title="Import products"
      description="CSV or XLSX. The first row names the columns: name, sku, kind, unit, barcode, price, currency, tax."
    >
      {(close) => <ImportForm onDone={close} />}
    </ImportButton>
  );
}

function ImportForm({ onDone }: { onDone: () => void }) {
  const act = useAction();
  const [preview, setPreview] = useState<ProductImport | null>(null);
  const [key, setKey] = useState(newUuid);
  const form = useRef<HTMLFormElement>(null);
  const router = useRouter();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = new FormData(event.currentTarget);
    if (!preview) {
      const query = { dry_run: true };
      await act.run(async () => setPreview(await api.post<ProductImport>("/product-imports", body, { query })));
      return;
    }
    body.set("skip_refused", String(preview.refused > 0));
    if (await act.run(() => api.post("/product-imports", body, { idempotencyKey: key }))) onDone();
  }

  /** A long file is written down at once and comes in while somebody else is served. */
  async function sendLong() {
    if (!form.current?.reportValidity()) return;
    const body = new FormData(form.current);
    await act.run(async () => {
      const run = await api.post<ImportRun>("/product-import-runs", body, { idempotencyKey: key });
      onDone();
      router.push(`/products/import/?id=${run.id}${run.is_known ? "&again=1" : ""}`);
    });
  }

  function forget() {
    setPreview(null);
    setKey(newUuid());
    act.forget();
  }

  const good = preview ? preview.new + preview.changed : 0;
  return (
    <form ref={form} onSubmit={submit} className="space-y-4">
      <Field
        label="File"
        hint="At most 10 MB; 5,000 rows to look at first, 100,000 in the background"
        error={act.problem?.messageFor("file")}
      >
        {(wiring) => <input {...wiring} type="file" name="file" accept=".csv,.txt,.xlsx" required onChange={forget} />}
      </Field>
      {act.problem && <ErrorState problem={act.problem} />}
      {preview && <Preview judged={preview} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={preview !== null && good === 0} className="w-full">
        {preview ? `Take ${good} in${preview.refused ? `, leave ${preview.refused} out` : ""}` : "Look at it first"}
      </Button>
      {!preview && (
        <>
          <Button busy={act.busy} onClick={sendLong} className="w-full">
            Take it in in the background
          </Button>
          <p className="text-soft text-xs">
            For a long file: all of it is taken in, or nothing where a row is refused. The next page shows how far it
            is.
          </p>
        </>
      )}
    </form>
  );
}

function Preview({ judged }: { judged: ProductImport }) {
  const facts: Fact[] = [
    ["New", judged.new],
    ["Changed", judged.changed],
    ["As they are", judged.same],
    ["Refused", judged.refused],
  ];
  const telling = judged.rows.filter((row) => row.problem || row.warning);
  return (
    <section aria-label="What would happen" className="rounded-md border border-rule p-4">
      <p className="font-medium">Nothing has been written yet</p>
      <Facts facts={facts} />
      <ToldRows rows={telling.map((row) => ({ ...row, what: row.sku }))} />
    </section>
  );
}
