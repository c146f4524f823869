"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import type { InvoiceDetail } from "./contract";
import { HANDLING, type RecurringDetail, recurringHref } from "./recurring";

/** Charge what an invoice charges again and again: its customer and lines are taken over as they are. */
export function RepeatInvoice({ invoice }: { invoice: InvoiceDetail }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Repeat</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Repeat this invoice"
        description={`${invoice.customer_name ?? "The customer"} is charged the same lines again and again`}
      >
        <RepeatForm invoice={invoice} />
      </Dialog>
    </>
  );
}

function RepeatForm({ invoice }: { invoice: InvoiceDetail }) {
  const router = useRouter();
  const act = useAction();
  const post = useKeyedPost();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    const text = (name: string) => String(said.get(name) ?? "");
    const body = {
      customer_id: invoice.customer_id,
      currency: invoice.total.currency,
      lines: linesAgain(invoice),
      includes_tax: invoice.includes_tax,
      due_days: invoice.due_days,
      reference: text("reference"),
      unit: text("unit"),
      every: Number(text("every")),
      starts_on: text("starts_on"),
      ...(text("ends_on") && { ends_on: text("ends_on") }),
      handling: text("handling"),
    };
    let made: RecurringDetail | undefined;
    const done = await act.run(async () => {
      made = await post<RecurringDetail>("/billing/recurring-invoices", body);
    });
    if (done && made) router.push(recurringHref(made));
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField label="For" name="reference" maxLength={120} defaultValue={invoice.reference} hint="On each invoice" />
      <div className="grid grid-cols-2 gap-4">
        <TextField label="Every" name="every" type="number" min={1} max={60} required defaultValue={1} />
        <SelectField label="Unit" name="unit" defaultValue="month">
          <option value="week">Weeks</option>
          <option value="month">Months</option>
          <option value="year">Years</option>
        </SelectField>
        <TextField
          label="First day"
          name="starts_on"
          type="date"
          required
          error={act.problem?.messageFor("starts_on")}
          hint="Today or later"
        />
        <TextField
          label="Last day"
          name="ends_on"
          type="date"
          error={act.problem?.messageFor("ends_on")}
          hint="If any"
        />
      </div>
      <SelectField label="Each invoice is" name="handling" defaultValue="issue">
        {Object.entries(HANDLING).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Repeat
      </Button>
    </form>
  );
}

function linesAgain(invoice: InvoiceDetail) {
  return invoice.lines.map((line) => ({
    description: line.description,
    quantity: line.quantity,
    unit: line.unit,
    unit_price: line.unit_price,
    discount: line.discount,
    tax_rate_ids: line.taxes.map((tax) => tax.tax_rate_id),
    product_id: line.product_id,
  }));
}
