"use client";

import { useSearchParams } from "next/navigation";
import { useList, useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { shortCode } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import type { LedgerPosting } from "./contract";

const entry = (row: LedgerPosting) => `/ledger/entry/?id=${row.entry_id}`;

const COLUMNS: Column<LedgerPosting>[] = [
  {
    key: "day",
    header: "Day",
    file: (row) => row.business_date,
    cell: (row) => formatPlainDay(row.business_date, readerLocale()),
  },
  {
    key: "what",
    header: "What",
    file: (row) => row.description || row.recipe,
    cell: (row) => (
      <Link href={entry(row)} className="underline decoration-rule-strong/50 underline-offset-4">
        {row.description || row.recipe}
      </Link>
    ),
  },
  side("debit", "Debit"),
  side("credit", "Credit"),
];

function side(key: "debit" | "credit", header: string): Column<LedgerPosting> {
  return {
    key,
    header,
    align: "right",
    file: (row) => row[key],
    cell: (row) =>
      row[key].amount === 0 ? <span className="text-soft">—</span> : <Money value={row[key]} href={entry(row)} />,
  };
}

/** The postings of one account in a period: what an amount of a report is made of. */
export function PostingsPage() {
  const search = useSearchParams();
  const [id, since, until] = ["id", "since", "until"].map((name) => search.get(name) ?? "") as [string, string, string];
  const account = useThing<Schemas["AccountOut"]>(id ? `/ledger/accounts/${id}` : null);
  const list = useList<LedgerPosting>(`/reports/general-ledger/${id}/postings`, { since, until }, id !== "");
  const code = account.data?.code ?? id;
  return (
    <>
      <PageHeader
        title="Postings of an account"
        note={
          <span title={code}>
            {shortCode(code)} · {since && formatPlainDay(since, readerLocale())} –{" "}
            {until && formatPlainDay(until, readerLocale())}
          </span>
        }
      />
      <Sheet flush>
        <DataTable
          name="report-postings"
          caption="Postings, the last recorded first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => `${row.entry_id}${row.line}`}
          rowHref={entry}
          views={false}
          empty={<EmptyState title="No posting in this time" why="The account has none that is effective then." />}
        />
      </Sheet>
    </>
  );
}
