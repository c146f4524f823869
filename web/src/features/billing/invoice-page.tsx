"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { Thing } from "@/features/names/names";
import { PaymentPostings } from "@/features/payments/payment-postings";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { WideTable } from "@/ui/wide-table";
import { GOODS, type InvoiceDetail, MEANING, nameOf } from "./contract";
import { InvoiceActions } from "./invoice-actions";
import { InvoiceState } from "./invoice-state";
import { Letters } from "./letters";
import { PauseReminders } from "./pause-reminders";

/** One invoice: what it charges, what is open, what paid it, and the postings behind each amount. */
export function InvoicePage() {
  const id = useSearchParams().get("id");
  const invoice = useThing<InvoiceDetail>(id ? `/billing/invoices/${encodeURIComponent(id)}` : null, undefined, 5000);
  if (!id) return <EmptyState title="Which invoice?" why="The address names none. Open one from the list." />;
  if (invoice.error) return <ErrorState problem={invoice.error} onRetry={() => invoice.refetch()} />;
  if (!invoice.data) return <Skeleton lines={8} />;
  return <InvoiceView invoice={invoice.data} />;
}

function InvoiceView({ invoice }: { invoice: InvoiceDetail }) {
  const can = useCan();
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {nameOf(invoice)}
            <span role="status">
              <InvoiceState invoice={invoice} />
            </span>
          </span>
        }
        note={
          <>
            {invoice.is_deposit && "Deposit · "}
            {invoice.original_total && "Brought in from the system used before · "}
            {invoice.customer_name} · {MEANING[invoice.state]}
          </>
        }
        actions={<InvoiceActions invoice={invoice} />}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title="Lines" flush>
            <LineTable invoice={invoice} />
          </Sheet>
          {invoice.allocations.length > 0 && (
            <Sheet title="What paid it">
              <Facts
                facts={invoice.allocations.map(
                  (made): Fact => [
                    `${SOURCES[made.source_kind] ?? made.source_kind}, ${formatPlainDay(made.allocated_on, readerLocale())}`,
                    <Money key={made.id} value={made.amount} href={`#${made.entry_id}`} />,
                  ],
                )}
              />
            </Sheet>
          )}
          {invoice.entries.length > 0 && (
            <PaymentPostings entries={invoice.entries as Parameters<typeof PaymentPostings>[0]["entries"]} />
          )}
        </div>
        <div className="space-y-6">
          <Sheet title="Owed">
            <Facts facts={owedOf(invoice, can("ledger:read"))} />
          </Sheet>
          <Sheet title="Details">
            <Facts facts={detailsOf(invoice)} />
          </Sheet>
          {can("billing:write") && invoice.number && (
            <Letters path={`/billing/invoices/${invoice.id}`} canSend={invoice.state !== "void"}>
              {invoice.open.amount > 0 && <PauseReminders id={invoice.id} />}
            </Letters>
          )}
          {invoice.credit_notes.length > 0 && (
            <Sheet title="Credit notes">
              <Facts
                facts={invoice.credit_notes.map(
                  (note): Fact => [
                    `${note.number}: ${note.reason}`,
                    <span key={note.id} className="flex flex-wrap items-baseline gap-3">
                      <Money value={note.total} href={`#${note.entry_id}`} />
                      <a
                        href={`/api/v1/billing/credit-notes/${note.id}/pdf`}
                        target="_blank"
                        rel="noreferrer"
                        aria-label={`${note.number} as PDF`}
                        className="underline decoration-rule-strong/50 underline-offset-4"
                      >
                        PDF
                      </a>
                    </span>,
                  ],
                )}
              />
            </Sheet>
          )}
        </div>
      </div>
    </>
  );
}

const SOURCES: Record<string, string> = { receipt: "Payment", credit_note: "Credit note", deposit: "Deposit" };

function LineTable({ invoice }: { invoice: InvoiceDetail }) {
  const foot: [string, InvoiceDetail["total"]][] = [
    ["Net", invoice.net],
    ...invoice.taxes.map((tax): [string, InvoiceDetail["total"]] => [tax.name, tax.tax]),
    ["Total", invoice.total],
  ];
  const entry = invoice.entry_id ? `#${invoice.entry_id}` : undefined;
  return (
    <WideTable label="Lines of the invoice">
      <table className="w-full text-sm">
        <caption className="sr-only">Lines of the invoice</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            <th scope="col" className="px-4 py-2 text-left font-medium">
              Description
            </th>
            {["Quantity", "Price", "Tax", "Net"].map((name) => (
              <th key={name} scope="col" className="px-4 py-2 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {invoice.lines.map((line) => (
            <tr key={line.n}>
              <td className="px-4 py-2">
                {line.description}
                {line.discount !== "0" && (
                  <span className="ml-2 whitespace-nowrap text-soft text-xs">−{line.discount} %</span>
                )}
                {invoice.credited[line.n] && (
                  <span className="ml-2 text-soft text-xs">{invoice.credited[line.n]} credited</span>
                )}
              </td>
              <td className="figures whitespace-nowrap px-4 py-2 text-right">
                {line.quantity} {line.unit}
              </td>
              <td className="px-4 py-2 text-right">
                <Money value={line.unit_price} />
              </td>
              <td className="whitespace-nowrap px-4 py-2 text-right">
                {line.taxes.map((tax) => `${tax.percent} %`).join(", ") || "—"}
              </td>
              <td className="px-4 py-2 text-right">
                <Money value={line.net} href={entry} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot className="border-rule border-t">
          {foot.map(([name, value]) => (
            <tr key={name} className={name === "Total" ? "font-medium" : undefined}>
              <th
                scope="row"
                colSpan={4}
                className={`px-4 py-1.5 text-right ${name === "Total" ? "font-medium" : "font-normal text-soft"}`}
              >
                {name}
              </th>
              <td className="px-4 py-1.5 text-right">
                <Money value={value} href={entry} />
              </td>
            </tr>
          ))}
        </tfoot>
      </table>
    </WideTable>
  );
}

function owedOf(invoice: InvoiceDetail, seesBooks: boolean): Fact[] {
  const account = seesBooks && invoice.account_id ? `/ledger/account/?id=${invoice.account_id}` : undefined;
  return [
    ...(invoice.original_total ? [["All of it", <Money key="original" value={invoice.original_total} />] as Fact] : []),
    [invoice.original_total ? "Open then" : "Total", <Money key="total" value={invoice.total} />],
    ["Open", <Money key="open" value={invoice.open} href={account} className="font-medium" />],
    ...(invoice.credit.amount > 0
      ? [["Customer’s credit", <Money key="credit" value={invoice.credit} />] as Fact]
      : []),
    ...(invoice.is_deposit ? [["Not drawn yet", <Money key="left" value={invoice.deposit_left} />] as Fact] : []),
    ...(invoice.due_on ? [["Due", formatPlainDay(invoice.due_on, readerLocale())] as Fact] : []),
  ];
}

function detailsOf(invoice: InvoiceDetail): Fact[] {
  return [
    ["Id", <Id key="id" value={invoice.id} />],
    ["Customer", invoice.customer_name ?? invoice.customer_id],
    ...(invoice.issued_on ? [["Issued", formatPlainDay(invoice.issued_on, readerLocale())] as Fact] : []),
    ...(invoice.goods === "none" ? [] : [["Goods", GOODS[invoice.goods]] as Fact]),
    ...(invoice.order_id ? [["Order", <Thing key="order" id={invoice.order_id} />] as Fact] : []),
    ...(invoice.reference ? [["Their reference", invoice.reference] as Fact] : []),
    ...(invoice.note ? [["Note", invoice.note] as Fact] : []),
    ...(invoice.path
      ? [
          [
            "Customer’s page",
            // Not a page of the console, so its address stays exactly as it is.
            <a key="page" href={invoice.path} className="underline underline-offset-4" target="_blank" rel="noreferrer">
              Open
            </a>,
          ] as Fact,
        ]
      : []),
  ];
}
