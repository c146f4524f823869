"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import { linesOf } from "@/features/billing/draft";
import { LinesChoice, LinesEditor, useLines } from "@/features/billing/lines-editor";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { orderHref, type QuoteDetail, quoteHref, type SalesOrderDetail } from "./contract";
import { discounted, readPercent } from "./discount";

/** A new quote, or a new version of one, on one screen. */
export function QuoteEditorPage() {
  const params = useSearchParams();
  const id = params.get("id");
  const kept = useThing<QuoteDetail>(id ? `/quotes/${encodeURIComponent(id)}` : null);
  if (kept.error) return <ErrorState problem={kept.error} onRetry={() => kept.refetch()} />;
  if (id && !kept.data) return <Skeleton lines={8} />;
  return (
    <>
      <PageHeader
        title={kept.data ? `${kept.data.number}, version ${kept.data.version + 1}` : "New quote"}
        note={kept.data ? "The earlier versions stay readable" : "Nobody sees it before it is sent"}
      />
      <Editor kept={kept.data ?? null} kind="quote" deal={params.get("deal")} customer={params.get("customer")} />
    </>
  );
}

/** An order that no quote came before, on one screen. */
export function OrderEditorPage() {
  return (
    <>
      <PageHeader title="New order" note="For what was ordered without a quote" />
      <Editor kept={null} kind="order" deal={null} customer={null} />
    </>
  );
}

type Props = { kept: QuoteDetail | null; kind: "quote" | "order"; deal: string | null; customer: string | null };

function Editor({ kept, kind, deal, customer }: Props) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const said = kept?.versions[0];
  const [stored, setStored] = useStored("specie.currency", "IDR");
  const currency = kept?.total.currency ?? stored;
  const { lines, setLines, body } = useLines(currency, (write) => startOf(said, write));
  const [buyer, setBuyer] = useState(kept?.customer_id ?? customer ?? "");
  const [includesTax, setIncludesTax] = useState(said?.includes_tax ?? false);
  const [whole, setWhole] = useState(said && said.discount !== "0" ? said.discount : "");
  const off = readPercent(whole);
  const act = useAction();
  const post = useKeyedPost();

  function bodyNow() {
    const form_ = new FormData(form.current ?? undefined);
    const days = String(form_.get("due_days") ?? "");
    return {
      currency,
      lines: body,
      includes_tax: includesTax,
      discount: whole.trim().replace(",", ".") || "0",
      ...(days && { due_days: Number(days) }),
      ...(kind === "quote" && { valid_until: String(form_.get("valid_until")) || null }),
      ...(kept === null && { customer_id: String(form_.get("customer_id")) }),
      ...(kept === null && deal && { opportunity_id: deal }),
      reference: String(form_.get("reference") ?? ""),
      note: String(form_.get("note") ?? ""),
    };
  }

  async function keep(andSend: boolean) {
    if (!form.current?.reportValidity() || body === null) return;
    const now = bodyNow();
    let href = "";
    const done = await act.run(async () => {
      if (kind === "order") {
        href = orderHref(await post<SalesOrderDetail>("/sales-orders", now));
        return;
      }
      const made = kept
        ? await api.put<QuoteDetail>(`/quotes/${kept.id}`, now)
        : await post<QuoteDetail>("/quotes", now);
      if (andSend) await api.post(`/quotes/${made.id}/send`, {});
      href = quoteHref(made);
    });
    if (done) router.push(href);
  }

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void keep(true);
  };
  const isReady = body !== null && body.length > 0 && off !== null;

  return (
    <form ref={form} onSubmit={submit} className="space-y-6">
      <Sheet>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <PartyPicker
            label="Customer"
            name="customer_id"
            among="customer"
            required
            disabled={kept !== null}
            initial={kept?.customer_id ?? customer}
            onChange={setBuyer}
            error={act.problem?.messageFor("customer_id")}
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
          {kind === "quote" && (
            <TextField
              label="Valid until"
              name="valid_until"
              type="date"
              hint="Empty: fourteen days"
              defaultValue={said?.valid_until ?? ""}
              error={act.problem?.messageFor("valid_until")}
            />
          )}
          <TextField
            label="Invoice due after days"
            name="due_days"
            type="number"
            min={0}
            max={366}
            defaultValue={said?.due_days ?? ""}
            placeholder="As usual"
          />
          <TextField label="Their reference" name="reference" maxLength={120} defaultValue={said?.reference ?? ""} />
          <TextField
            label="Off the whole, %"
            inputMode="decimal"
            autoComplete="off"
            value={whole}
            onChange={(event) => setWhole(event.target.value)}
            error={off === null ? "A number below 100" : undefined}
            hint="After each line’s own discount"
          />
        </div>
      </Sheet>
      <LinesEditor
        lines={lines}
        onChange={setLines}
        currency={currency}
        charged={discounted(body, off ?? 0)}
        includesTax={includesTax}
        customerId={buyer}
        actions={<LinesChoice name="Prices include tax" checked={includesTax} onChange={setIncludesTax} />}
      />
      <Sheet>
        <TextField
          label="Note to the customer"
          name="note"
          maxLength={1000}
          defaultValue={said?.note ?? ""}
          hint="Stands below the lines"
        />
      </Sheet>
      {act.problem && <ErrorState problem={act.problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        {kind === "quote" && (
          <Button busy={act.busy} disabled={!isReady} onClick={() => keep(false)}>
            Save as draft
          </Button>
        )}
        <Button kind="primary" type="submit" busy={act.busy} disabled={!isReady}>
          {kind === "quote" ? "Send quote" : "Make order"}
        </Button>
      </div>
    </form>
  );
}

/** The lines to begin with: those of the newest version with their own discounts. */
function startOf(said: QuoteDetail["versions"][0] | undefined, write: (minor: number) => string) {
  return said ? linesOf({ lines: said.lines.map((line) => ({ ...line, discount: line.own_discount })) }, write) : null;
}
