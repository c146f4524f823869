import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import type { Amount } from "@/lib/money";
import { classes } from "@/ui/classes";
import { Money } from "@/ui/money";
import { State, type Tone } from "@/ui/state";
import { inCurrency, type Line } from "./contract";

const KINDS: Record<string, string> = {
  down_payment: "Down payment",
  part: "Part",
  prepayment: "Paid ahead",
  arrears: "Carried over",
  payoff: "Paid off",
};

const STATES: Record<Line["status"], [tone: Tone, word: string]> = {
  paid: ["success", "Paid"],
  part_paid: ["waiting", "Partly paid"],
  due: ["waiting", "Due today"],
  late: ["failed", "Late"],
  coming: ["neutral", "To come"],
};

type Props = { lines: Line[]; like: Amount; caption: string; isPreview?: boolean };

/** What is due when, line by line; every figure is the server's. A narrow place drops the split, never the total. */
export function Schedule({ lines, like, caption, isPreview = false }: Props) {
  const hasCost = lines.some((line) => line.interest + line.fee > 0);
  return (
    <div className="@container overflow-x-auto">
      <table className="w-full">
        <caption className="sr-only">{caption}</caption>
        <thead className="text-left text-soft text-xs">
          <tr className="border-rule border-b">
            <th scope="col" className="px-4 py-2 font-normal">
              Due
            </th>
            {hasCost && (
              <>
                <th scope="col" className="hidden px-2 py-2 text-right font-normal @xl:table-cell">
                  Price
                </th>
                <th scope="col" className="hidden px-2 py-2 text-right font-normal @xl:table-cell">
                  Interest and fee
                </th>
              </>
            )}
            <th scope="col" className={classes("py-2 pl-2 text-right font-normal", endOf(isPreview))}>
              To pay
            </th>
            {!isPreview && (
              <th scope="col" className="hidden px-4 py-2 font-normal @md:table-cell">
                State
              </th>
            )}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {lines.map((line) => (
            <Row key={line.n} line={line} like={like} hasCost={hasCost} isPreview={isPreview} />
          ))}
        </tbody>
        <tfoot>
          <tr className="border-rule-strong/60 border-t font-medium">
            <th scope="row" className="px-4 py-2.5 text-left font-medium">
              Total
            </th>
            {hasCost && (
              <>
                <td className="hidden px-2 text-right @xl:table-cell">
                  <Money value={inCurrency(sum(lines, "principal"), like)} />
                </td>
                <td className="hidden px-2 text-right @xl:table-cell">
                  <Money value={inCurrency(sum(lines, "interest") + sum(lines, "fee"), like)} />
                </td>
              </>
            )}
            <td className={classes("pl-2 text-right", endOf(isPreview))}>
              <Money value={inCurrency(sum(lines, "total"), like)} />
            </td>
            {!isPreview && <td className="hidden @md:table-cell" />}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

type RowProps = { line: Line; like: Amount; hasCost: boolean; isPreview: boolean };

function Row({ line, like, hasCost, isPreview }: RowProps) {
  const [tone, word] = STATES[line.status];
  return (
    <tr>
      <th scope="row" className="px-4 py-2.5 text-left font-normal">
        <time dateTime={line.due_on} className="figures whitespace-nowrap">
          {formatPlainDay(line.due_on, readerLocale())}
        </time>
        {line.kind !== "part" && <span className="block text-soft text-xs">{KINDS[line.kind] ?? line.kind}</span>}
        {!isPreview && (
          <span className="mt-1 block @md:hidden">
            <State state={line.status} tone={tone} word={word} />
          </span>
        )}
      </th>
      {hasCost && (
        <>
          <td className="hidden px-2 text-right @xl:table-cell">
            <Money value={inCurrency(line.principal, like)} />
          </td>
          <td className="hidden px-2 text-right @xl:table-cell">
            <Money value={inCurrency(line.interest + line.fee, like)} />
          </td>
        </>
      )}
      <td className={classes("pl-2 text-right", endOf(isPreview))}>
        <Money value={inCurrency(line.total, like)} className="font-medium" />
        {line.open > 0 && line.open < line.total && (
          <span className="block text-soft text-xs">
            <Money value={inCurrency(line.open, like)} /> open
          </span>
        )}
      </td>
      {!isPreview && (
        <td className="hidden px-4 py-2.5 @md:table-cell">
          <State state={line.status} tone={tone} word={word} />
        </td>
      )}
    </tr>
  );
}

/** The last column keeps its distance from the sheet's edge; with states shown that is theirs, where there is room for them. */
function endOf(isPreview: boolean): string {
  return isPreview ? "pr-4" : "pr-4 @md:pr-2";
}

function sum(lines: Line[], key: "principal" | "interest" | "fee" | "total"): number {
  return lines.reduce((total, line) => total + line[key], 0);
}
