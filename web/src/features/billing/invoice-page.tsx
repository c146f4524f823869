"use client";

import { useSearchParams } from "next/navigation";
import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import { CustomerLink } from "@/features/crm/customer-link";
import { useCan } from "@/features/identity/session";
import { Thing } from "@/features/names/names";
import { PaymentPostings } from "@/features/payments/payment-postings";
import { formatPlainDay } from "@/lib/dates";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
import { classes } from "@/ui/classes";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { WideTable } from "@/ui/wide-table";
import { GOODS, type InvoiceDetail, MEANING, nameOf } from "./contract";
import { InvoiceActions } from "./invoice-actions";
import { InvoiceInParts } from "./invoice-in-parts";
import { InvoiceState } from "./invoice-state";
import { Letters } from "./letters";
import { PauseReminders } from "./pause-reminders";

/** One invoice: what it charges, what is open, what paid it, and the postings behind each amount. */
export function InvoicePage() {
  const t = useTranslations("invoices");
  const id = useSearchParams().get("id");
  const invoice = useThing<InvoiceDetail>(id ? `/billing/invoices/${encodeURIComponent(id)}` : null, undefined, 5000);
  if (!id) return <EmptyState title={t("which")} why={t("whichWhy")} />;
  if (invoice.error) return <ErrorState problem={invoice.error} onRetry={() => invoice.refetch()} />;
  if (!invoice.data) return <Skeleton lines={8} />;
  return <InvoiceView invoice={invoice.data} />;
}

function InvoiceView({ invoice }: { invoice: InvoiceDetail }) {
  const t = useTranslations("invoices");
  const format = useFormat();
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
            {invoice.is_deposit && `${t("deposit")} · `}
            {invoice.original_total && `${t("broughtIn")} · `}
            {invoice.customer_name} · {t(MEANING[invoice.state as keyof typeof MEANING])}
          </>
        }
        actions={<InvoiceActions invoice={invoice} />}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title={t("lines")} flush>
            <LineTable invoice={invoice} />
          </Sheet>
          {invoice.allocations.length > 0 && (
            <Sheet title={t("whatPaid")}>
              <Facts
                facts={invoice.allocations.map(
                  (made): Fact => [
                    `${t(SOURCES[made.source_kind as keyof typeof SOURCES])}, ${formatPlainDay(made.allocated_on, format)}`,
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
          <Sheet title={t("owed")}>
            <Facts facts={owedOf(t, format, invoice, can("ledger:read"))} />
          </Sheet>
          {invoice.state !== "draft" && <InvoiceInParts invoice={invoice} />}
          <Sheet title={t("details")}>
            <Facts facts={detailsOf(t, format, invoice)} />
          </Sheet>
          {can("billing:write") && invoice.number && (
            <Letters path={`/billing/invoices/${invoice.id}`} canSend={invoice.state !== "void"}>
              {invoice.open.amount > 0 && <PauseReminders id={invoice.id} />}
            </Letters>
          )}
          {invoice.credit_notes.length > 0 && (
            <Sheet title={t("creditNotes")}>
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
                        aria-label={t("asPdf", { number: note.number })}
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

const SOURCES = { receipt: "payment", credit_note: "creditNote", deposit: "deposit" } as const;

function LineTable({ invoice }: { invoice: InvoiceDetail }) {
  const t = useTranslations("invoices");
  const foot: [string, InvoiceDetail["total"]][] = [
    [t("net"), invoice.net],
    ...invoice.taxes.map((tax): [string, InvoiceDetail["total"]] => [tax.name, tax.tax]),
    [t("total"), invoice.total],
  ];
  const entry = invoice.entry_id ? `#${invoice.entry_id}` : undefined;
  return (
    <WideTable label={t("linesCaption")}>
      <table className="w-full text-sm">
        <caption className="sr-only">{t("linesCaption")}</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            <th scope="col" className="px-4 py-2 text-start font-medium">
              {t("description")}
            </th>
            {[t("quantity"), t("price"), t("tax"), t("net")].map((name) => (
              <th key={name} scope="col" className={classes("px-4 py-2 text-end font-medium", beside(name, t))}>
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
                  <span className="ms-2 whitespace-nowrap text-soft text-xs">−{line.discount} %</span>
                )}
                {invoice.credited[line.n] && (
                  <span className="ms-2 text-soft text-xs">
                    {t("credited", { quantity: String(invoice.credited[line.n]) })}
                  </span>
                )}
                <span className="block text-soft text-xs sm:hidden">
                  <Money value={line.unit_price} /> · {taxesOf(line)}
                </span>
              </td>
              <td className="figures whitespace-nowrap px-4 py-2 text-end">
                {line.quantity} {line.unit}
              </td>
              <td className="px-4 py-2 text-end max-sm:hidden">
                <Money value={line.unit_price} />
              </td>
              <td className="whitespace-nowrap px-4 py-2 text-end max-sm:hidden">{taxesOf(line)}</td>
              <td className="px-4 py-2 text-end">
                <Money value={line.net} href={entry} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot className="border-rule border-t">
          {foot.map(([name, value]) => (
            <tr key={name} className={name === t("total") ? "font-medium" : undefined}>
              <td colSpan={2} className="max-sm:hidden" />
              <th
                scope="row"
                colSpan={2}
                className={`px-4 py-1.5 text-end ${name === t("total") ? "font-medium" : "font-normal text-soft"}`}
              >
                {name}
              </th>
              <td className="px-4 py-1.5 text-end">
                <Money value={value} href={entry} />
              </td>
            </tr>
          ))}
        </tfoot>
      </table>
    </WideTable>
  );
}

const taxesOf = (line: InvoiceDetail["lines"][number]) => line.taxes.map((tax) => `${tax.percent} %`).join(", ") || "—";

/** On a phone price and tax stand under the description, so that the line's sum is seen at once. */
const beside = (name: string, t: Say<"invoices">) => (name === t("price") || name === t("tax")) && "max-sm:hidden";

function owedOf(t: Say<"invoices">, format: string, invoice: InvoiceDetail, seesBooks: boolean): Fact[] {
  const account = seesBooks && invoice.account_id ? `/ledger/account/?id=${invoice.account_id}` : undefined;
  return [
    ...(invoice.original_total
      ? [[t("allOfIt"), <Money key="original" value={invoice.original_total} />] as Fact]
      : []),
    [invoice.original_total ? t("openThen") : t("total"), <Money key="total" value={invoice.total} />],
    [t("open"), <Money key="open" value={invoice.open} href={account} className="font-medium" />],
    ...(invoice.credit.amount > 0 ? [[t("credit"), <Money key="credit" value={invoice.credit} />] as Fact] : []),
    ...(invoice.is_deposit ? [[t("notDrawn"), <Money key="left" value={invoice.deposit_left} />] as Fact] : []),
    ...(invoice.due_on ? [[t("due"), formatPlainDay(invoice.due_on, format)] as Fact] : []),
  ];
}

function detailsOf(t: Say<"invoices">, format: string, invoice: InvoiceDetail): Fact[] {
  return [
    [t("id"), <Id key="id" value={invoice.id} />],
    [t("customer"), <CustomerLink key="customer" id={invoice.customer_id} name={invoice.customer_name} />],
    ...(invoice.issued_on ? [[t("issued"), formatPlainDay(invoice.issued_on, format)] as Fact] : []),
    ...(invoice.goods === "none" ? [] : [[t("goods"), t(GOODS[invoice.goods as keyof typeof GOODS])] as Fact]),
    ...(invoice.order_id ? [[t("order"), <Thing key="order" id={invoice.order_id} />] as Fact] : []),
    ...(invoice.reference ? [[t("reference"), invoice.reference] as Fact] : []),
    ...(invoice.note ? [[t("note"), invoice.note] as Fact] : []),
    ...(invoice.path
      ? [
          [
            t("customersPage"),
            // Not a page of the console, so its address stays exactly as it is.
            <a key="page" href={invoice.path} className="underline underline-offset-4" target="_blank" rel="noreferrer">
              {t("openPage")}
            </a>,
          ] as Fact,
        ]
      : []),
  ];
}
