"use client";

import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { pageOfId } from "@/features/shell/page-of-id";
import { allCurrencies } from "@/lib/money";
import { TableFiles } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { WideTable } from "@/ui/wide-table";
import type { Period } from "./periods";

type Report = Schemas["ReportTable"];
type Cell = Report["rows"][number][number];

const keyOf = (row: Cell[]) => row.map(({ text }) => text ?? "").join("|");

/** A report of one currency whose file holds exactly the rows shown; the last row is the sum. */
export function BusinessReport({ report, period }: { report: string; period: Period }) {
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const asked = { since: period.since, until: period.until, currency };
  const found = useThing<Report>(`/reports/business/${report}`, asked);
  return (
    <Sheet
      title={found.data?.title ?? "…"}
      flush
      actions={
        <div className="no-print flex flex-wrap items-end gap-2">
          <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
            {allCurrencies().map(({ code }) => (
              <option key={code}>{code}</option>
            ))}
          </SelectField>
          <TableFiles path={`/reports/business/${report}/file`} asked={asked} />
        </div>
      }
    >
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {!found.error && !found.data && <Skeleton lines={6} />}
      {found.data && <Rows report={found.data} hrefOf={hrefOf(report, period, currency)} />}
    </Sheet>
  );
}

type HrefOf = (opens: string) => string;

/** The page of what an amount is made of: a document, an account's postings, a part of the ledger, documents of a row. */
function hrefOf(report: string, { since, until }: Period, currency: string): HrefOf {
  const asked = { since, until, currency };
  return (opens) => {
    if (opens.startsWith("sold:"))
      return `/reports/sources/?${new URLSearchParams({ ...asked, report, key: opens.slice("sold:".length) })}`;
    if (opens.startsWith("acct_")) return `/reports/postings/?${new URLSearchParams({ since, until, id: opens })}`;
    return pageOfId(opens) ?? `/reports/?${new URLSearchParams({ ...asked, show: "ledger", prefix: opens })}`;
  };
}

function Rows({ report, hrefOf }: { report: Report; hrefOf: HrefOf }) {
  const sum = report.rows.at(-1);
  const isFigure = report.header.map((_, at) => report.rows.some((row) => row[at]?.amount) || at > 1);
  return (
    <WideTable label={report.title}>
      <table className="w-full text-sm">
        <caption className="sr-only">{report.title}</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            {report.header.map((name, at) => (
              <th
                key={name}
                scope="col"
                className={`whitespace-nowrap px-4 py-2 font-medium ${isFigure[at] ? "text-right" : "text-left"}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {report.rows.slice(0, -1).map((row) => (
            <Row key={keyOf(row)} row={row} header={report.header} isFigure={isFigure} hrefOf={hrefOf} />
          ))}
          {report.left_out > 0 && (
            <tr>
              <td colSpan={report.header.length} className="px-4 py-2 text-soft">
                {report.left_out.toLocaleString("en")} more rows are in the file, and in the sum below.
              </td>
            </tr>
          )}
          {sum && <Row row={sum} header={report.header} isFigure={isFigure} hrefOf={hrefOf} isSum />}
        </tbody>
      </table>
    </WideTable>
  );
}

function Row({
  row,
  header,
  isFigure,
  hrefOf,
  isSum = false,
}: {
  row: Cell[];
  header: string[];
  isFigure: boolean[];
  hrefOf: HrefOf;
  isSum?: boolean;
}) {
  return (
    <tr className={isSum ? "border-rule-strong border-t-2 font-medium" : ""}>
      {row.map((cell, at) => (
        <td key={header[at]} className={`px-4 py-2 ${isFigure[at] ? "figures whitespace-nowrap text-right" : ""}`}>
          <Shown cell={cell} hrefOf={hrefOf} />
        </td>
      ))}
    </tr>
  );
}

function Shown({ cell, hrefOf }: { cell: Cell; hrefOf: HrefOf }) {
  if (cell.amount) return <Money value={cell.amount} href={cell.opens ? hrefOf(cell.opens) : undefined} />;
  return cell.text ?? "";
}
