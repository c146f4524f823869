"use client";

import { FileUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { newUuid } from "@/client/idempotency";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { Field } from "@/ui/field";
import { type Fact, Facts } from "@/ui/sheet";
import type { ProductImport } from "./contract";

/** Takes products in from a file: each row is judged and shown before anything is written. */
export function ImportProducts() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<FileUp size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Import
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Import products"
        description="CSV or XLSX. The first row names the columns: name, sku, kind, unit, barcode, price, currency, tax."
      >
        <ImportForm onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ImportForm({ onDone }: { onDone: () => void }) {
  const act = useAction();
  const [preview, setPreview] = useState<ProductImport | null>(null);
  const [key, setKey] = useState(newUuid);

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

  function forget() {
    setPreview(null);
    setKey(newUuid());
    act.forget();
  }

  const good = preview ? preview.new + preview.changed : 0;
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field label="File" hint="At most 10 MB and 5,000 rows" error={act.problem?.messageFor("file")}>
        {(wiring) => <input {...wiring} type="file" name="file" accept=".csv,.txt,.xlsx" required onChange={forget} />}
      </Field>
      {act.problem && <ErrorState problem={act.problem} />}
      {preview && <Preview judged={preview} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={preview !== null && good === 0} className="w-full">
        {preview ? `Take ${good} in${preview.refused ? `, leave ${preview.refused} out` : ""}` : "Look at it first"}
      </Button>
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
      <ul className="mt-2 max-h-56 space-y-1 overflow-y-auto text-sm">
        {telling.map((row) => (
          <li key={row.number} className={row.problem ? "text-failed" : "text-soft"}>
            <span className="figures">Row {row.number}</span> {row.sku}: {row.problem ?? row.warning}
          </li>
        ))}
      </ul>
    </section>
  );
}
