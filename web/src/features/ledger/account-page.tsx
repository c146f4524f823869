"use client";

import { Printer } from "lucide-react";
import { useList, useThing } from "@/client/queries";
import { AccountCode } from "@/features/names/account-link";
import { Named } from "@/features/names/names";
import { printedDays, startOfBusinessDay } from "@/lib/dates";
import { useUrlState } from "@/lib/url-state";
import { Button, DownloadLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { useZone } from "@/ui/zone";
import { AsOfFields, asOfInWords, asOfQuery } from "./as-of";
import type { Account, StatementLine } from "./contract";
import { MonitorsSheet } from "./monitors-sheet";

const DEFAULTS = { id: "", since: "", as_of: "", by: "" };

const entryOf = (line: StatementLine) => `/ledger/entry/?id=${line.entry_id}`;

const COLUMNS: Column<StatementLine>[] = [
  {
    key: "recorded",
    header: "Recorded",
    file: (line) => line.recorded_at,
    cell: (line) => <When at={line.recorded_at} />,
  },
  {
    key: "effective",
    header: "Effective",
    file: (line) => line.effective_at,
    cell: (line) => <When at={line.effective_at} />,
    hidden: true,
  },
  {
    key: "what",
    header: "Entry",
    file: (line) => line.description || line.recipe,
    cell: (line) => (
      <>
        <Link href={entryOf(line)} className="font-medium hover:underline">
          {line.description || line.recipe}
        </Link>
        <p className="text-soft">
          <AccountCode id={line.other_account} code={line.other_code} />
        </p>
      </>
    ),
  },
  {
    key: "recipe",
    header: "Recipe",
    file: (line) => line.recipe,
    cell: (line) => <span className="font-mono text-xs">{line.recipe}</span>,
    hidden: true,
  },
  {
    key: "debit",
    header: "Debit",
    align: "right",
    file: (line) => sideFile(line, "debit"),
    cell: (line) => sideCell(line, "debit"),
  },
  {
    key: "credit",
    header: "Credit",
    align: "right",
    file: (line) => sideFile(line, "credit"),
    cell: (line) => sideCell(line, "credit"),
  },
  {
    key: "balance",
    header: "Balance",
    file: (line) => line.balance,
    align: "right",
    cell: (line) => <Money value={line.balance} href={entryOf(line)} className="font-medium" />,
  },
];

function sideFile(line: StatementLine, side: StatementLine["side"]) {
  return line.side === side ? line.amount : null;
}

function sideCell(line: StatementLine, side: StatementLine["side"]) {
  return line.side === side ? <Money value={line.amount} href={entryOf(line)} /> : null;
}

export function AccountPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const zone = useZone();
  const path = `/ledger/accounts/${encodeURIComponent(view.id)}`;
  const account = useThing<Account>(view.id ? path : null, asOfQuery(view, zone));
  const since = view.since && startOfBusinessDay(view.since, zone);
  const lines = useList<StatementLine>(`${path}/statement`, { since }, view.id !== "");
  if (!view.id) return <EmptyState title="Which account?" why="The address names none. Open one from the books." />;
  if (account.error) return <ErrorState problem={account.error} onRetry={() => account.refetch()} />;
  if (!account.data) return <Skeleton lines={8} />;
  return (
    <>
      <PageHeader
        title={<Money value={account.data.balance} />}
        note={
          <>
            <AccountCode id={account.data.id} code={account.data.code} />
            {view.as_of !== "" && <p>{asOfInWords(view)}</p>}
          </>
        }
        actions={
          <>
            <DownloadLink href={`/api/v1${path}/movements.pdf${printedDays(view.since, view.as_of)}`}>PDF</DownloadLink>
            <Button icon={<Printer size={14} aria-hidden />} onClick={() => window.print()}>
              Print
            </Button>
          </>
        }
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0">
          <div className="no-print mb-4 flex flex-wrap items-end gap-3">
            <div className="w-44">
              <TextField
                label="Since"
                type="date"
                value={view.since}
                onChange={(event) => change({ since: event.target.value })}
              />
            </div>
            <AsOfFields view={view} onChange={change} />
          </div>
          <Sheet title="Statement" flush>
            <DataTable
              name="statement"
              caption={`Postings of ${account.data.code}, the newest first`}
              columns={COLUMNS}
              list={lines}
              rowKey={(line) => `${line.entry_id}${line.line}${line.side}`}
              rowHref={entryOf}
              empty={<EmptyState title="No postings" why="Nothing was posted to this account in this time." />}
            />
          </Sheet>
        </div>
        <div className="space-y-6">
          <Sheet title="Account">
            <Facts facts={factsOf(account.data)} />
          </Sheet>
          <MonitorsSheet account={account.data} />
        </div>
      </div>
    </>
  );
}

function factsOf(account: Account): Fact[] {
  return [
    ["State", <State key="state" state={stateOf(account)} />],
    ["Name", account.name || "—"],
    [
      "Code",
      <span key="code" className="font-mono text-xs [overflow-wrap:anywhere]">
        {account.code}
      </span>,
    ],
    ["Type", account.type],
    ["Floor", account.floor ? <Money key="floor" value={account.floor} /> : "None"],
    ["Owner", <Named key="owner" id={account.owner} />],
    ...keptFacts(account),
    [
      "Postings",
      <span key="version" className="figures">
        {account.version}
      </span>,
    ],
    ["Id", <Id key="id" value={account.id} />],
  ];
}

function keptFacts({ keeper }: Account): Fact[] {
  if (!keeper) return [];
  return [
    ["Kept by", keeper.name],
    ["By hand", keeper.takes_journals ? "Takes manual entries" : `No manual entries: ${keeper.instead}`],
  ];
}

function stateOf(account: Account): string {
  if (account.closed_at) return "closed";
  return account.debits_frozen || account.credits_frozen || account.owner_frozen ? "frozen" : "active";
}
