"use client";

import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { useThing } from "@/client/queries";
import { Letters } from "@/features/billing/letters";
import { CustomerLink } from "@/features/crm/customer-link";
import { useCan } from "@/features/identity/session";
import { Thing } from "@/features/names/names";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Chips } from "@/ui/chips";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import { WideTable } from "@/ui/wide-table";
import { QUOTE_MEANING, type QuoteDetail, type QuoteVersion } from "./contract";
import { QuoteActions } from "./quote-actions";
import { QuoteState } from "./sales-state";

/** One quote: what each version says, and how it was answered. */
export function QuotePage() {
  const id = useSearchParams().get("id");
  const quote = useThing<QuoteDetail>(id ? `/quotes/${encodeURIComponent(id)}` : null, undefined, 5000);
  if (!id) return <EmptyState title="Which quote?" why="The address names none. Open one from the list." />;
  if (quote.error) return <ErrorState problem={quote.error} onRetry={() => quote.refetch()} />;
  if (!quote.data) return <Skeleton lines={8} />;
  return <QuoteView quote={quote.data} />;
}

function QuoteView({ quote }: { quote: QuoteDetail }) {
  const can = useCan();
  const [chosen, choose] = useState("");
  const said = quote.versions.find(({ version }) => String(version) === chosen) ?? quote.versions[0];
  if (!said) return <EmptyState title="Nothing to read" why="This quote has not been sent to you." />;
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {quote.number}
            <span role="status">
              <QuoteState state={quote.state} />
            </span>
          </span>
        }
        note={
          <>
            {quote.customer_name} · {QUOTE_MEANING[quote.state]}
          </>
        }
        actions={<QuoteActions quote={quote} />}
      />
      {quote.versions.length > 1 && (
        <div className="mb-4">
          <Chips
            label="Version"
            options={quote.versions.map(({ version }) => [String(version), `Version ${version}`])}
            value={String(said.version)}
            onChange={choose}
          />
        </div>
      )}
      <div className="grid gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title={`Lines of version ${said.version}`} flush>
            <LineTable said={said} />
          </Sheet>
          {said.note && <Sheet title="Note to the customer">{said.note}</Sheet>}
        </div>
        <div className="space-y-6">
          <Sheet title="Details">
            <Facts facts={detailsOf(quote, said)} />
          </Sheet>
          {can("billing:write") && <Letters path={`/quotes/${quote.id}`} canSend={quote.state === "sent"} />}
        </div>
      </div>
    </>
  );
}

function LineTable({ said }: { said: QuoteVersion }) {
  const foot: [string, QuoteVersion["total"]][] = [
    ["Net", said.net],
    ...said.taxes.map((tax): [string, QuoteVersion["total"]] => [tax.name, tax.tax]),
    ["Total", said.total],
  ];
  return (
    <WideTable label="Lines of the quote">
      <table className="w-full text-sm">
        <caption className="sr-only">Lines of the quote</caption>
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
          {said.lines.map((line) => (
            <tr key={line.n}>
              <td className="px-4 py-2">
                {line.description}
                {line.discount !== "0" && (
                  <span className="ml-2 whitespace-nowrap text-soft text-xs">−{line.discount} %</span>
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
                <Money value={line.net} />
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
                <Money value={value} />
              </td>
            </tr>
          ))}
        </tfoot>
      </table>
    </WideTable>
  );
}

function detailsOf(quote: QuoteDetail, said: QuoteVersion): Fact[] {
  const day = (text: string) => formatPlainDay(text, readerLocale());
  return [
    ["Id", <Id key="id" value={quote.id} />],
    ["Customer", <CustomerLink key="customer" id={quote.customer_id} name={quote.customer_name} />],
    ["Total", <Money key="total" value={said.total} className="font-medium" />],
    ["Valid until", day(said.valid_until)],
    ...(said.discount === "0" ? [] : [["Off the whole", `${said.discount} %`] as Fact]),
    ...(said.reference ? [["Their reference", said.reference] as Fact] : []),
    ...(quote.opportunity_id ? [["Deal", <Thing key="deal" id={quote.opportunity_id} />] as Fact] : []),
    ...(quote.sent_at ? [["Sent", <When key="sent" at={quote.sent_at} />] as Fact] : []),
    ...(quote.decided_at ? [["Answered", <When key="decided" at={quote.decided_at} />] as Fact] : []),
    ...(quote.decided_by ? [["By", quote.decided_by] as Fact] : []),
    ...(quote.reason ? [["Reason", quote.reason] as Fact] : []),
    ...(quote.order_id ? [["Order", <Thing key="order" id={quote.order_id} />] as Fact] : []),
    ...(quote.path
      ? [
          [
            "Customer’s page",
            // Not a page of the console, so its address stays exactly as it is.
            <a key="page" href={quote.path} className="underline underline-offset-4" target="_blank" rel="noreferrer">
              Open
            </a>,
          ] as Fact,
        ]
      : []),
  ];
}
