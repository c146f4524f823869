"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import type { InvoiceDetail } from "./contract";
import { DeliverGoods } from "./deliver-goods";
import { RepeatInvoice } from "./repeat-invoice";

/** What can be done with an invoice now. */
export function InvoiceActions({ invoice }: { invoice: InvoiceDetail }) {
  const t = useTranslations("invoices");
  const can = useCan();
  const isOpen = invoice.state === "issued" || invoice.state === "part_paid";
  // What was issued in the system used before had its electronic form there.
  const hasElectronicForm = invoice.number && !invoice.original_total && can("billing:write");
  return (
    <>
      <a
        href={`/api/v1/billing/invoices/${invoice.id}/pdf`}
        target="_blank"
        rel="noreferrer"
        className="inline-flex min-h-9 items-center rounded-md border border-rule-strong/60 bg-sheet px-3 py-1.5 font-medium text-sm hover:bg-well"
      >
        PDF
      </a>
      {isOpen && invoice.path && !can("billing:write") && (
        // A page of the API and not of the console, so its address stays exactly as it is.
        <a
          href={invoice.path}
          className="inline-flex min-h-9 items-center rounded-md bg-accent px-3 py-1.5 font-medium text-accent-ink text-sm"
        >
          {t("pay")}
        </a>
      )}
      {hasElectronicForm && (
        <a
          href={`/api/v1/billing/invoices/${invoice.id}/ubl`}
          target="_blank"
          rel="noreferrer"
          title="UBL 2.1 after EN 16931, for the customer's program"
          className="inline-flex min-h-9 items-center rounded-md border border-rule-strong/60 bg-sheet px-3 py-1.5 font-medium text-sm hover:bg-well"
        >
          E-invoice
        </a>
      )}
      {hasElectronicForm && (
        <a
          href={`/api/v1/billing/invoices/${invoice.id}/factur-x`}
          target="_blank"
          rel="noreferrer"
          title="PDF with the electronic invoice inside, for people and programs"
          className="inline-flex min-h-9 items-center rounded-md border border-rule-strong/60 bg-sheet px-3 py-1.5 font-medium text-sm hover:bg-well"
        >
          Factur-X
        </a>
      )}
      {can("billing:write") && invoice.state === "draft" && <DraftActions invoice={invoice} />}
      {can("billing:write") && isOpen && (
        <>
          {invoice.path && <CopyLink path={invoice.path} />}
          {invoice.credit.amount > 0 && <UseCredit invoice={invoice} />}
          <RecordPayment invoice={invoice} />
        </>
      )}
      {!invoice.original_total && can("billing:write") && invoice.lines.length > 0 && (
        <RepeatInvoice invoice={invoice} />
      )}
      {can("stock:move") && invoice.goods === "waiting" && <DeliverGoods invoice={invoice} />}
      {can("billing:manage") && invoice.creditable.amount > 0 && <CreditNote invoice={invoice} />}
    </>
  );
}

function DraftActions({ invoice }: { invoice: InvoiceDetail }) {
  const router = useRouter();
  const act = useAction();
  const post = useKeyedPost();
  const send = () => act.run(() => post(`/billing/invoices/${invoice.id}/issue`, {}));
  const discard = async () => {
    if (await act.run(() => api.post(`/billing/invoices/${invoice.id}/discard`, {}))) router.push("/invoices/");
  };
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="danger" busy={act.busy} onClick={discard}>
        Throw away
      </Button>
      <ButtonLink href={`/invoices/new/?id=${invoice.id}`}>Edit</ButtonLink>
      <Button kind="primary" busy={act.busy} onClick={send}>
        Send invoice
      </Button>
    </>
  );
}

function CopyLink({ path }: { path: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(new URL(path, window.location.origin).href);
    setCopied(true);
  };
  return <Button onClick={copy}>{isCopied ? "Copied" : "Copy pay link"}</Button>;
}

function UseCredit({ invoice }: { invoice: InvoiceDetail }) {
  const act = useAction();
  const post = useKeyedPost();
  const use = () =>
    act.run(() => {
      const body = { version: invoice.version };
      return post(`/billing/invoices/${invoice.id}/use-credit`, {}, body);
    });
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button busy={act.busy} onClick={use}>
        Use credit
      </Button>
    </>
  );
}

function RecordPayment({ invoice }: { invoice: InvoiceDetail }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Record payment</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Record a payment"
        description="Money that arrived outside this platform; what is too much stays the customer’s credit"
      >
        <PaymentForm invoice={invoice} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function PaymentForm({ invoice, onDone }: { invoice: InvoiceDetail; onDone: () => void }) {
  const act = useAction();
  const post = useKeyedPost();
  const [minor, setMinor] = useState<number | null>(invoice.open.amount);
  const { currency } = invoice.open;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const amount = { amount: minor ?? 0, currency };
    const share = { amount: Math.min(amount.amount, invoice.open.amount), currency };
    const body = {
      customer_id: invoice.customer_id,
      amount,
      method: String(form.get("method")),
      reference: String(form.get("reference") ?? ""),
      allocations: [{ invoice_id: invoice.id, amount: share }],
    };
    if (await act.run(() => post("/billing/receipts", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MoneyInput
        label="Amount"
        currency={currency}
        initial={invoice.open.amount}
        onChange={setMinor}
        error={act.problem?.messageFor("amount")}
      />
      <SelectField label="Arrived" name="method">
        <option value="bank">At the bank</option>
        <option value="cash">In cash</option>
      </SelectField>
      <TextField label="Reference" name="reference" maxLength={120} hint="As on the statement" />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={!minor} className="w-full">
        Record
      </Button>
    </form>
  );
}

function CreditNote({ invoice }: { invoice: InvoiceDetail }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Credit note</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Credit note"
        description={
          invoice.is_deposit
            ? "What nobody has paid is asked for no longer; what was paid is paid back instead"
            : "What is open falls first; what was paid becomes the customer’s credit"
        }
      >
        <CreditForm invoice={invoice} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function CreditForm({ invoice, onDone }: { invoice: InvoiceDetail; onDone: () => void }) {
  const act = useAction();
  const post = useKeyedPost();
  const [minor, setMinor] = useState<number | null>(invoice.creditable.amount);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const lines = invoice.lines
      .map((line) => ({ n: line.n, quantity: String(form.get(`line-${line.n}`) ?? "").replace(",", ".") }))
      .filter(({ quantity }) => quantity !== "" && Number(quantity) > 0);
    const unpaid = { amount: { amount: minor ?? 0, currency: invoice.creditable.currency } };
    const taken = invoice.is_deposit ? unpaid : lines.length > 0 && { lines };
    const body = { reason: String(form.get("reason")), keeps_order: form.get("keeps_order") === "on", ...taken };
    if (await act.run(() => post(`/billing/invoices/${invoice.id}/credit-notes`, body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField label="Reason" name="reason" required maxLength={500} hint="The customer reads it" />
      {invoice.is_deposit ? (
        <MoneyInput
          label="Amount"
          currency={invoice.creditable.currency}
          initial={invoice.creditable.amount}
          onChange={setMinor}
          error={act.problem?.messageFor("amount")}
        />
      ) : (
        <CreditedLines invoice={invoice} />
      )}
      {invoice.order_id && (
        <label className="flex items-start gap-2">
          <input type="checkbox" name="keeps_order" className="mt-1" />
          <span>
            The order still delivers it
            <span className="block text-soft text-xs">
              Otherwise goods that are credited and have not been sent stay here.
            </span>
          </span>
        </label>
      )}
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={invoice.is_deposit && !minor} className="w-full">
        Issue credit note
      </Button>
    </form>
  );
}

function CreditedLines({ invoice }: { invoice: InvoiceDetail }) {
  return (
    <>
      <p className="text-soft text-xs">How much of each line; leave all empty to credit everything that is left.</p>
      {invoice.lines.map((line) => (
        <TextField
          key={line.n}
          label={line.description}
          name={`line-${line.n}`}
          inputMode="decimal"
          autoComplete="off"
          hint={`of ${line.quantity} ${line.unit}${invoice.credited[line.n] ? `, ${invoice.credited[line.n]} credited` : ""}`}
        />
      ))}
    </>
  );
}
