"use client";

import { Printer } from "lucide-react";
import { useList, useThing } from "@/client/queries";
import { AccountCode } from "@/features/names/account-link";
import { businessDay, formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { searchText } from "@/lib/search";
import { useUrlState } from "@/lib/url-state";
import { Button, TableFiles } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { useZone } from "@/ui/zone";
import { BusinessReport } from "./business-report";
import type { BalanceSheet, LedgerLine, ProfitAndLoss } from "./contract";
import { type Period, periodAround, periodBefore } from "./periods";
import { StatementTable } from "./statement-table";

const DEFAULTS = { show: "profit", since: "", until: "", compare: "", depth: "2", prefix: "", currency: "" };
const SHOWS: [string, string][] = [
  ["profit", "Profit and loss"],
  ["balance", "Balance sheet"],
  ["ledger", "General ledger"],
  ["cash-flow", "Cash flow"],
  ["cash-forecast", "Cash forecast"],
  ["sales-by-product", "Sales by product"],
  ["sales-by-customer", "Sales by customer"],
  ["sales-by-month", "Sales by month"],
  ["tax", "Tax"],
  ["stock", "Stock"],
];
const STATEMENTS = new Set(["profit", "balance", "ledger"]);
const TITLES = Object.fromEntries(SHOWS);

const dayText = (day: string) => formatPlainDay(day, readerLocale());
const spanText = ({ since, until }: Period) => `${dayText(since)} – ${dayText(until)}`;

/** Where the postings of an account in a period are listed. */
export const postingsPage = (id: string, { since, until }: Period) =>
  `/reports/postings/?${searchText({ id, since, until })}`;

/** Statements of any period, straight from the books; each amount opens what it is made of. */
export function ReportsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const today = businessDay(new Date().toISOString(), useZone());
  const month = periodAround(today, "month");
  const period = { since: view.since || month.since, until: view.until || month.until };
  const isSheet = view.show === "balance";
  const choose = (length: "month" | "quarter" | "year") => change(periodAround(today, length));
  return (
    <>
      <PageHeader
        title={TITLES[view.show] ?? "Reports"}
        note={isSheet ? `At the end of ${dayText(period.until)}` : spanText(period)}
        actions={
          <Button icon={<Printer size={14} aria-hidden />} onClick={() => window.print()}>
            Print
          </Button>
        }
      />
      <div className="no-print mb-4 space-y-3">
        <Chips label="Report" options={SHOWS} value={view.show} onChange={(show) => change({ show })} />
        <div className="flex flex-wrap items-end gap-3">
          {!isSheet && (
            <TextField
              label="From"
              type="date"
              value={period.since}
              onChange={(event) => change({ since: event.target.value })}
            />
          )}
          <TextField
            label={isSheet ? "As of" : "To"}
            type="date"
            value={period.until}
            onChange={(event) => change({ until: event.target.value })}
          />
          <div className="flex gap-1">
            <Button kind="quiet" onClick={() => choose("month")}>
              This month
            </Button>
            <Button kind="quiet" onClick={() => choose("quarter")}>
              Quarter
            </Button>
            <Button kind="quiet" onClick={() => choose("year")}>
              Year
            </Button>
          </div>
          {(view.show === "profit" || isSheet) && (
            <>
              <SelectField
                label="Compare with"
                value={view.compare}
                onChange={(event) => change({ compare: event.target.value })}
              >
                <option value="">Nothing</option>
                <option value="before">The period before</option>
              </SelectField>
              <SelectField
                label="Detail"
                value={view.depth}
                onChange={(event) => change({ depth: event.target.value })}
              >
                <option value="2">Groups</option>
                <option value="3">More</option>
                <option value="8">Every account</option>
              </SelectField>
            </>
          )}
        </div>
      </div>
      {view.show === "profit" && <ProfitPart period={period} compare={view.compare} depth={view.depth} />}
      {isSheet && <BalancePart period={period} compare={view.compare} depth={view.depth} />}
      {!STATEMENTS.has(view.show) && <BusinessReport report={view.show} period={period} />}
      {view.show === "ledger" && <LedgerPart period={period} prefix={view.prefix} currency={view.currency} />}
    </>
  );
}

type PartProps = { period: Period; compare: string; depth: string };

function ledgerHref(period: Period) {
  return (code: string, currency: string, accountId: string | null) =>
    accountId
      ? postingsPage(accountId, period)
      : `/reports/?${searchText({ show: "ledger", prefix: code, currency, since: period.since, until: period.until })}`;
}

/** The files of a statement; each holds every currency. */
function FilesOf({ path, asked }: { path: string; asked: Record<string, string> }) {
  return (
    <div className="no-print flex justify-end gap-2">
      <TableFiles path={`/reports/${path}/file`} asked={asked} />
    </div>
  );
}

function ProfitPart({ period, compare, depth }: PartProps) {
  const before = compare ? periodBefore(period) : null;
  const asked: Record<string, string> = {
    ...period,
    depth,
    ...(before && { compare_since: before.since, compare_until: before.until }),
  };
  const statement = useThing<ProfitAndLoss>("/reports/profit-and-loss", asked);
  if (statement.error) return <ErrorState problem={statement.error} onRetry={() => statement.refetch()} />;
  if (!statement.data) return <Skeleton lines={8} />;
  if (statement.data.currencies.length === 0) {
    return <EmptyState title="Nothing came in or went out" why="Choose another period, or post something first." />;
  }
  return (
    <div className="space-y-6">
      <FilesOf path="profit-and-loss" asked={asked} />
      {statement.data.currencies.map((part) => (
        <Sheet key={part.currency} title={part.currency} flush>
          <StatementTable
            caption={`Profit and loss in ${part.currency}`}
            amountHeader={spanText(period)}
            comparedHeader={before && spanText(before)}
            sections={[
              { title: "Income", section: part.income },
              { title: "Expense", section: part.expense },
            ]}
            totals={[{ label: "Result", amount: part.result, compared: part.compared_result }]}
            hrefOf={ledgerHref(period)}
            comparedHrefOf={ledgerHref(before ?? period)}
          />
        </Sheet>
      ))}
    </div>
  );
}

function BalancePart({ period, compare, depth }: PartProps) {
  const before = compare ? periodBefore(period) : null;
  const asked: Record<string, string> = {
    as_of: period.until,
    depth,
    ...(before && { compare_as_of: before.until }),
  };
  const statement = useThing<BalanceSheet>("/reports/balance-sheet", asked);
  if (statement.error) return <ErrorState problem={statement.error} onRetry={() => statement.refetch()} />;
  if (!statement.data) return <Skeleton lines={8} />;
  if (statement.data.currencies.length === 0) {
    return <EmptyState title="Nothing posted yet" why="The balance sheet says what is owned, owed and left." />;
  }
  // A balance is made of all that was posted up to the day.
  const whole = { since: "1970-01-01", until: period.until };
  return (
    <div className="space-y-6">
      <FilesOf path="balance-sheet" asked={asked} />
      {statement.data.currencies.map((part) => (
        <Sheet
          key={part.currency}
          title={part.currency}
          flush
          actions={
            <State
              state={part.difference.amount === 0 ? "balanced" : "failed"}
              word={part.difference.amount === 0 ? "Balanced" : "Differs"}
            />
          }
        >
          <StatementTable
            caption={`Balance sheet in ${part.currency}`}
            amountHeader={dayText(period.until)}
            comparedHeader={before && dayText(before.until)}
            sections={[
              { title: "Assets", section: part.assets },
              { title: "Liabilities", section: part.liabilities },
              { title: "Equity", section: part.equity },
            ]}
            totals={[
              { label: "Result to date", amount: part.result, compared: part.compared_result },
              {
                label: "Liabilities, equity and result",
                amount: {
                  currency: part.currency,
                  amount: part.liabilities.total.amount + part.equity.total.amount + part.result.amount,
                },
                compared: {
                  currency: part.currency,
                  amount: part.liabilities.compared.amount + part.equity.compared.amount + part.compared_result.amount,
                },
              },
            ]}
            hrefOf={ledgerHref(whole)}
            comparedHrefOf={ledgerHref(before ? { ...whole, until: before.until } : whole)}
          />
        </Sheet>
      ))}
    </div>
  );
}

function ledgerColumns(period: Period): Column<LedgerLine>[] {
  const amount = (key: "opening" | "debit" | "credit" | "closing", header: string): Column<LedgerLine> => ({
    key,
    header,
    align: "right",
    file: (row) => row[key],
    cell: (row) => <Money value={row[key]} href={postingsPage(row.account_id, period)} />,
  });
  return [
    {
      key: "account",
      header: "Account",
      file: (row) => row.code,
      cell: (row) => <AccountCode id={row.account_id} code={row.code} />,
    },
    amount("opening", "Opening"),
    amount("debit", "Debit"),
    amount("credit", "Credit"),
    amount("closing", "Closing"),
  ];
}

function LedgerPart({ period, prefix, currency }: { period: Period; prefix: string; currency: string }) {
  const asked: Record<string, string> = { ...period, prefix, currency };
  const list = useList<LedgerLine>("/reports/general-ledger", asked);
  return (
    <Sheet
      title={[prefix || "All accounts", currency].filter(Boolean).join(" · ")}
      flush
      actions={<TableFiles path="/reports/general-ledger/file" asked={asked} />}
    >
      <DataTable
        name="general-ledger"
        caption="Accounts with their balances and postings of the period"
        columns={ledgerColumns(period)}
        list={list}
        rowKey={(row) => row.account_id}
        rowHref={(row) => postingsPage(row.account_id, period)}
        views={false}
        empty={<EmptyState title="No account has postings" why="Choose a later day, or a shorter code." />}
      />
    </Sheet>
  );
}
