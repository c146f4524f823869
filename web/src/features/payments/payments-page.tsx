"use client";

import type { Query } from "@/client/api";
import { useList } from "@/client/queries";
import { useSession } from "@/features/identity/session";
import { startOfBusinessDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { allCurrencies, parseMoney } from "@/lib/money";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { SelectField, TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { Wrapped } from "@/ui/wrapped";
import { useZone } from "@/ui/zone";
import type { PaymentRow } from "./contract";
import { CreatePayment } from "./create-payment";
import { statusOf } from "./payment-steps";

const DEFAULTS = { status: "", q: "", email: "", amount: "", currency: "IDR", since: "" };

const STATUSES: [string, string][] = [
  ["", "All"],
  ["paid", "Paid"],
  ["authorized,partly_captured", "Authorised"],
  ["created,pending", "Pending"],
  ["failed", "Failed"],
  ["expired", "Expired"],
  ["cancelled", "Cancelled"],
];

const viewOf = (row: PaymentRow) => `/payments/view/?id=${row.id}`;

const MERCHANT: Column<PaymentRow> = {
  key: "merchant",
  header: "Merchant",
  file: (row) => row.merchant_name ?? row.merchant_id,
  cell: (row) => row.merchant_name ?? <Id value={row.merchant_id} />,
};

const COLUMNS: Column<PaymentRow>[] = [
  { key: "created", header: "Created", file: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
  {
    key: "what",
    header: "For",
    file: (row) => row.description,
    cell: (row) => (
      <Link href={viewOf(row)} className="block font-medium hover:underline sm:min-w-32">
        {row.description || row.reference || "Payment"}
      </Link>
    ),
  },
  {
    key: "reference",
    header: "Reference",
    file: (row) => row.reference,
    cell: (row) => <Wrapped>{row.reference}</Wrapped>,
  },
  {
    key: "customer",
    header: "Customer",
    file: (row) => row.customer_name,
    cell: (row) => row.customer_name ?? <span className="text-soft">—</span>,
  },
  MERCHANT,
  { key: "id", header: "Id", file: (row) => row.id, cell: (row) => <Id value={row.id} />, hidden: true },
  { key: "status", header: "State", file: statusOf, cell: (row) => <State state={statusOf(row)} /> },
  {
    key: "fee",
    header: "Fee",
    file: (row) => row.platform_fee,
    align: "right",
    hidden: true,
    cell: (row) => row.platform_fee && <Money value={row.platform_fee} href={`${viewOf(row)}#postings`} />,
  },
  {
    key: "amount",
    header: "Amount",
    file: (row) => row.amount,
    align: "right",
    cell: (row) => <Money value={row.amount} href={`${viewOf(row)}#postings`} className="font-medium" />,
  },
];

export function PaymentsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const zone = useZone();
  const { party_id: own } = useSession();
  const list = useList<PaymentRow>("/payments", {
    status: view.status,
    q: view.q,
    customer_email: view.email,
    ...amountOf(view.amount, view.currency),
    "created[gte]": view.since && startOfBusinessDay(view.since, zone),
  });
  const isFiltered = [view.status, view.q, view.email, view.amount, view.since].some((part) => part !== "");
  return (
    <>
      <PageHeader
        title="Payments"
        actions={
          <>
            <ButtonLink href="/payments/settings/">Settings</ButtonLink>
            <CreatePayment />
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-end gap-3">
        <SearchBox label="Id or reference" value={view.q} onSearch={(q) => change({ q })} />
        <LookUp label="Customer's e-mail" type="email" value={view.email} onLookUp={(email) => change({ email })} />
        <div className="flex items-end gap-1">
          <LookUp
            label="Amount"
            inputMode="decimal"
            value={view.amount}
            onLookUp={(amount) => change({ amount })}
            error={isAmount(view.amount, view.currency) ? null : `Not an amount in ${view.currency}`}
          />
          <SelectField
            label="Currency"
            value={view.currency}
            onChange={(event) => change({ currency: event.target.value })}
          >
            {allCurrencies().map(({ code }) => (
              <option key={code}>{code}</option>
            ))}
          </SelectField>
        </div>
        <TextField
          label="Since"
          type="date"
          value={view.since}
          onChange={(event) => change({ since: event.target.value })}
        />
        <Chips label="State" options={STATUSES} value={view.status} onChange={(status) => change({ status })} />
      </div>
      <Sheet flush>
        <DataTable
          name="payments"
          caption="Payments, the newest first"
          columns={own === null ? COLUMNS : COLUMNS.filter((column) => column !== MERCHANT)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={viewOf}
          empty={isFiltered ? <NothingFound onClear={() => change(DEFAULTS)} /> : <NoPayments />}
        />
      </Sheet>
    </>
  );
}

function isAmount(text: string, currency: string): boolean {
  return text === "" || parseMoney(text, currency, readerLocale()) !== null;
}

function amountOf(text: string, currency: string): Query {
  const minor = text === "" ? null : parseMoney(text, currency, readerLocale());
  return minor === null ? {} : { amount: minor, currency };
}

type LookUpProps = {
  label: string;
  value: string;
  onLookUp: (text: string) => void;
  type?: "email" | "text";
  inputMode?: "decimal";
  error?: string | null;
};

/** A field whose whole text is looked for, once it has been left or entered. */
function LookUp({ value, onLookUp, ...field }: LookUpProps) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onLookUp(String(new FormData(event.currentTarget).get("wanted")).trim());
      }}
    >
      <TextField
        {...field}
        key={value}
        name="wanted"
        defaultValue={value}
        autoComplete="off"
        onBlur={(event) => event.target.value.trim() !== value && event.target.form?.requestSubmit()}
      />
    </form>
  );
}

function NothingFound({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      title="Nothing matches"
      why="No payment fits these filters."
      action={
        <button type="button" onClick={onClear} className="text-accent underline underline-offset-4">
          Clear the filters
        </button>
      }
    />
  );
}

function NoPayments() {
  return (
    <EmptyState
      title="No payments yet"
      why="Each attempt to collect money is one line here, from the moment it is asked for."
      action={<CreatePayment />}
      example="21 Nov 2026 · Two coffees · order-1042 · Paid · IDR 150,000.00"
    />
  );
}
