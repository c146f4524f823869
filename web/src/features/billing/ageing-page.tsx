"use client";

import { useThing } from "@/client/queries";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { allCurrencies } from "@/lib/money";
import { useUrlState } from "@/lib/url-state";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { WideTable } from "@/ui/wide-table";
import { AGES, type Ages, inCurrency, invoiceHref, moneyPage } from "./contract";

const DEFAULTS = { day: "" };

/** What customers owed at the end of any day, by how long it had been due. */
export function AgeingPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const ages = useThing<Ages>("/billing/ageing", { currency, ...(view.day && { day: view.day }) });
  return (
    <>
      <PageHeader
        title="Owed by age"
        note={
          ages.data &&
          `At the end of ${formatPlainDay(ages.data.day, readerLocale())}, from the postings up to that day`
        }
        actions={
          <>
            <TextField
              label="Day"
              type="date"
              value={view.day || (ages.data?.day ?? "")}
              onChange={(event) => change({ day: event.target.value })}
            />
            <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
              {allCurrencies().map(({ code }) => (
                <option key={code}>{code}</option>
              ))}
            </SelectField>
          </>
        }
      />
      {ages.error && <ErrorState problem={ages.error} onRetry={() => ages.refetch()} />}
      {!ages.error && !ages.data && <Skeleton lines={8} />}
      {ages.data && <AgeTable ages={ages.data} />}
    </>
  );
}

function AgeTable({ ages }: { ages: Ages }) {
  const money = (minor: number, href: string) => <Money value={inCurrency(minor, ages.currency)} href={href} />;
  const asked = { show: "ledger", since: "1970-01-01", until: ages.day, currency: ages.currency };
  const receivable = `/reports/?${new URLSearchParams({ ...asked, prefix: "asset:billing:receivable" })}`;
  if (ages.customers.length === 0)
    return <EmptyState title="Nothing was owed" why="No invoice was open on that day." />;
  return (
    <Sheet flush>
      <WideTable label="Owed by customer and age">
        <table className="w-full text-sm">
          <caption className="sr-only">Owed by customer and age</caption>
          <thead>
            <tr className="border-rule border-b text-soft text-xs">
              <th scope="col" className="px-4 py-2 text-left font-medium">
                Customer
              </th>
              {Object.values(AGES).map((name) => (
                <th key={name} scope="col" className="whitespace-nowrap px-1.5 py-2 text-right font-medium">
                  {name}
                </th>
              ))}
              <th scope="col" className="py-2 pr-4 pl-1.5 text-right font-medium">
                Owed
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-rule">
            {ages.customers.map((one) => (
              <tr key={one.customer_id}>
                <th scope="row" className="px-4 py-2 text-left align-top font-normal">
                  {one.customer_name ?? one.customer_id}
                  <span className="block text-xs">
                    {one.invoices.map((invoice) => (
                      <Link
                        key={invoice.invoice_id}
                        href={invoiceHref({ id: invoice.invoice_id })}
                        className="mr-2 whitespace-nowrap underline underline-offset-4"
                      >
                        {invoice.number}
                      </Link>
                    ))}
                  </span>
                </th>
                {Object.keys(AGES).map((key) => (
                  <td key={key} className="px-1.5 py-2 text-right align-top">
                    {one.buckets[key] ? (
                      money(one.buckets[key], moneyPage(one.customer_id))
                    ) : (
                      <span className="text-soft">—</span>
                    )}
                  </td>
                ))}
                <td className="py-2 pr-4 pl-1.5 text-right align-top font-medium">
                  {money(one.total, moneyPage(one.customer_id))}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr className="border-rule border-t font-medium">
              <th scope="row" className="px-4 py-2 text-left">
                All
              </th>
              {Object.keys(AGES).map((key) => (
                <td key={key} className="px-1.5 py-2 text-right">
                  {money(ages.buckets[key] ?? 0, receivable)}
                </td>
              ))}
              <td className="py-2 pr-4 pl-1.5 text-right">{money(ages.total, receivable)}</td>
            </tr>
          </tfoot>
        </table>
      </WideTable>
      <p className="border-rule border-t px-4 py-3 text-soft text-xs">
        The receivable accounts held {money(ages.control, receivable)} at the end of that day
        {ages.control === ages.total ? ": the same." : "."}
      </p>
    </Sheet>
  );
}
