"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "use-intl";
import { useList, useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { formatPlainDay } from "@/lib/dates";
import { useUrlState } from "@/lib/url-state";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { AGES, type Ages, type Invoice, inCurrency, invoiceHref, nameOf } from "./contract";
import { InvoiceState } from "./invoice-state";
import { ProfileButton } from "./profile-button";
import { RemindersButton } from "./reminders-button";

const DEFAULTS = { show: "" };
const SHOWS = [
  ["", "all"],
  ["overdue", "overdue"],
  ["issued", "open"],
  ["part_paid", "partPaid"],
  ["draft", "drafts"],
  ["paid", "paid"],
  ["void", "void"],
] as const;

function columns(t: Say<"invoices">, format: string): Column<Invoice>[] {
  return [
    {
      key: "number",
      header: t("number"),
      file: (row) => row.number ?? "",
      cell: (row) => <span className="figures font-medium">{nameOf(row)}</span>,
    },
    {
      key: "customer",
      header: t("customer"),
      file: (row) => row.customer_name ?? row.customer_id,
      cell: (row) => row.customer_name ?? "—",
    },
    { key: "state", header: t("state"), file: (row) => row.state, cell: (row) => <InvoiceState invoice={row} /> },
    {
      key: "due",
      header: t("due"),
      file: (row) => row.due_on ?? "",
      cell: (row) => (row.due_on ? formatPlainDay(row.due_on, format) : "—"),
    },
    {
      key: "total",
      header: t("total"),
      file: (row) => row.total,
      align: "right",
      cell: (row) => <Money value={row.total} href={invoiceHref(row)} />,
    },
    {
      key: "open",
      header: t("open"),
      file: (row) => row.open,
      align: "right",
      cell: (row) => <Money value={row.open} href={`${invoiceHref(row)}#postings`} className="font-medium" />,
    },
  ];
}

/** Every invoice, how much is open and for how long. */
export function InvoicesPage() {
  const t = useTranslations("invoices");
  const format = useFormat();
  const can = useCan();
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<Invoice>("/billing/invoices", queryOf(view.show));
  const isOwn = !can("billing:write") && !can("ledger:read");
  return (
    <>
      <PageHeader
        title={t("title")}
        note={isOwn ? t("ownNote") : t("staffNote")}
        actions={
          <>
            {can("billing:write") && <ButtonLink href="/invoices/recurring/">Recurring</ButtonLink>}
            {can("billing:manage") && <RemindersButton />}
            {can("billing:manage") && <ProfileButton />}
            {can("billing:write") && (
              <ButtonLink kind="primary" href="/invoices/new/" icon={<Plus size={14} aria-hidden />}>
                New invoice
              </ButtonLink>
            )}
          </>
        }
      />
      <div className="space-y-6">
        {!isOwn && <AgeStrip />}
        <div>
          <div className="no-print mb-4">
            <Chips
              label={t("show")}
              options={SHOWS.filter(([value]) => !isOwn || value !== "draft").map(([value, name]) => [value, t(name)])}
              value={view.show}
              onChange={(show) => change({ show })}
            />
          </div>
          <Sheet flush>
            <DataTable
              name="invoices"
              caption={t("caption")}
              columns={columns(t, format)}
              list={list}
              rowKey={(row) => row.id}
              rowHref={invoiceHref}
              empty={
                <EmptyState
                  title={view.show ? t("noneFits") : t("none")}
                  why={isOwn ? t("ownWhy") : t("staffWhy")}
                  example={isOwn ? undefined : "INV-00042 · Hotel Merdeka · due 5 Dec · IDR 4,107,000.00"}
                />
              }
            />
          </Sheet>
        </div>
      </div>
    </>
  );
}

function queryOf(show: string): Record<string, string | boolean> {
  if (show === "overdue") return { overdue: true };
  return show ? { state: show } : {};
}

function AgeStrip() {
  const [currency] = useStored("specie.currency", "IDR");
  const ages = useThing<Ages>("/billing/ageing", { currency });
  if (ages.error) return <ErrorState problem={ages.error} onRetry={() => ages.refetch()} />;
  if (!ages.data) return <Skeleton lines={2} />;
  const { buckets, total } = ages.data;
  const shown: [string, number][] = [["Owed to us", total], ...Object.entries(AGES).map(ageOf(buckets))];
  return (
    <Sheet
      title="Owed by age"
      actions={
        <Link href="/invoices/ageing/" className="text-accent underline underline-offset-4">
          By customer and day
        </Link>
      }
    >
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-6">
        {shown.map(([name, minor]) => (
          <div key={name}>
            <dt className="text-soft text-xs">{name}</dt>
            <dd className="font-medium">
              <Money value={inCurrency(minor, currency)} href="/invoices/ageing/" />
            </dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}

function ageOf(buckets: Record<string, number>) {
  return ([key, name]: [string, string]): [string, number] => [name, buckets[key] ?? 0];
}
