"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { type InvoiceDetail, invoiceHref, nameOf, type Profile } from "./contract";
import { linesOf } from "./draft";
import { LeavesFrom } from "./leaves-from";
import { LinesChoice, LinesEditor, useLines } from "./lines-editor";

/** A new invoice, or a draft taken up again, on one screen. */
export function EditorPage() {
  const id = useSearchParams().get("id");
  const kept = useThing<InvoiceDetail>(id ? `/billing/invoices/${encodeURIComponent(id)}` : null);
  if (kept.error) return <ErrorState problem={kept.error} onRetry={() => kept.refetch()} />;
  if (id && !kept.data) return <Skeleton lines={8} />;
  return (
    <>
      <PageHeader
        title={kept.data ? `${nameOf(kept.data)} for ${kept.data.customer_name ?? "a customer"}` : "New invoice"}
        note="Enter: next line · Ctrl Enter: send · Ctrl S: save as draft"
      />
      <Editor kept={kept.data ?? null} />
    </>
  );
}

function Editor({ kept }: { kept: InvoiceDetail | null }) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [stored, setStored] = useStored("specie.currency", "IDR");
  const currency = kept?.total.currency ?? stored;
  const { lines, setLines, body: written } = useLines(currency, (write) => kept && linesOf(kept, write));
  const [includesTax, setIncludesTax] = useState(kept?.includes_tax ?? false);
  const [customer, setCustomer] = useState(kept?.customer_id ?? "");
  const [isDeposit, setIsDeposit] = useState(kept?.is_deposit ?? false);
  // A deposit sells nothing: what a product would put on its line besides the price is left out.
  const body = isDeposit
    ? (written?.map((line) => ({ ...line, tax_rate_ids: [], product_id: null })) ?? null)
    : written;
  const save = useAction();
  const post = useKeyedPost();
  const profile = useThing<Profile>("/billing/profile");
  const sellsGoods = !isDeposit && (body ?? []).some((line) => line.product_id);

  async function keep(andSend: boolean) {
    if (!form.current?.reportValidity() || body === null) return;
    const said = new FormData(form.current);
    const days = String(said.get("due_days") ?? "");
    const invoice = {
      customer_id: String(said.get("customer_id")),
      currency,
      lines: body,
      includes_tax: includesTax,
      is_deposit: isDeposit,
      ...(days && { due_days: Number(days) }),
      reference: String(said.get("reference") ?? ""),
      note: String(said.get("note") ?? ""),
    };
    let made: InvoiceDetail | null = kept;
    const done = await save.run(async () => {
      made = made
        ? await api.put<InvoiceDetail>(`/billing/invoices/${made.id}`, invoice)
        : await post<InvoiceDetail>("/billing/invoices", invoice);
      if (andSend) await issue(made.id);
    });
    if (done && made) router.push(invoiceHref(made));
  }

  async function issue(id: string) {
    const said = form.current && new FormData(form.current);
    // Without the choice on the page the setting of the business decides.
    const choice = said?.has("deliver_from") ? { deliver_from: String(said.get("deliver_from")) || null } : {};
    await post(`/billing/invoices/${id}/issue`, choice);
  }

  const onKey = (event: KeyboardEvent) => {
    // React hands over what is pressed in a window that was opened from here as well.
    const isHere = form.current?.contains(event.target as Node);
    if (!isHere || !(event.ctrlKey || event.metaKey)) return;
    if (event.key === "Enter") void keep(true);
    else if (event.key === "s") {
      event.preventDefault();
      void keep(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void keep(true);
  };
  const isReady = body !== null && body.length > 0;

  return (
    <form ref={form} onSubmit={submit} onKeyDown={onKey} className="space-y-6">
      <Sheet>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <PartyPicker
            label="Customer"
            name="customer_id"
            among="customer"
            required
            initial={kept?.customer_id ?? null}
            onChange={setCustomer}
            error={save.problem?.messageFor("customer_id")}
          />
          <SelectField
            label="Currency"
            value={currency}
            disabled={kept !== null}
            onChange={(event) => setStored(event.target.value)}
          >
            {allCurrencies().map(({ code }) => (
              <option key={code}>{code}</option>
            ))}
          </SelectField>
          <TextField
            label="Due after days"
            name="due_days"
            type="number"
            min={0}
            max={366}
            defaultValue={kept?.due_days ?? ""}
            placeholder="As usual"
          />
          <TextField label="Their reference" name="reference" maxLength={120} defaultValue={kept?.reference ?? ""} />
        </div>
      </Sheet>
      <LinesEditor
        lines={lines}
        onChange={setLines}
        currency={currency}
        charged={body}
        includesTax={includesTax}
        customerId={customer}
        actions={
          <span className="flex flex-wrap gap-x-6 gap-y-2">
            <LinesChoice name="Deposit, without tax" checked={isDeposit} onChange={setIsDeposit} />
            <LinesChoice name="Prices include tax" checked={includesTax} onChange={setIncludesTax} />
          </span>
        }
      />
      <Sheet>
        <TextField
          label="Note to the customer"
          name="note"
          maxLength={1000}
          defaultValue={kept?.note ?? ""}
          hint="Stands below the lines"
        />
        {sellsGoods && profile.data && (
          <div className="mt-4 max-w-sm">
            <LeavesFrom label="Goods leave when it is sent" initial={profile.data.delivers_from} />
          </div>
        )}
      </Sheet>
      {save.problem && <ErrorState problem={save.problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button busy={save.busy} disabled={!isReady} onClick={() => keep(false)}>
          Save as draft
        </Button>
        <Button kind="primary" type="submit" busy={save.busy} disabled={!isReady}>
          Send invoice
        </Button>
      </div>
    </form>
  );
}
