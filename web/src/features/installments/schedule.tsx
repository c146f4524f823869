import { useTranslations } from "use-intl";
import { formatPlainDay } from "@/lib/dates";
import type { Amount } from "@/lib/money";
import { useFormat } from "@/messages/use-format";
import { classes } from "@/ui/classes";
import { Money } from "@/ui/money";
import { State, type Tone } from "@/ui/state";
import { inCurrency, type Line } from "./contract";

const KINDS = {
  down_payment: "downPayment",
  part: "part",
  prepayment: "prepayment",
  arrears: "arrears",
  payoff: "payoff",
} as const;

const STATES = {
  paid: ["success", "linePaid"],
  part_paid: ["waiting", "linePartPaid"],
  due: ["waiting", "lineDue"],
  late: ["failed", "lineLate"],
  coming: ["neutral", "lineComing"],
} as const satisfies Record<Line["status"], [tone: Tone, word: string]>;

type Props = { lines: Line[]; like: Amount; caption: string; isPreview?: boolean };

/** What is due when, line by line; every figure is the server's. A narrow place drops the split, never the total. */
export function Schedule({ lines, like, caption, isPreview = false }: Props) {
  const t = useTranslations("installments");
  const hasCost = lines.some((line) => line.interest + line.fee > 0);
  return (
    <div className="@container overflow-x-auto">
      <table className="w-full">
        <caption className="sr-only">{caption}</caption>
        <thead className="text-start text-soft text-xs">
          <tr className="border-rule border-b">
            <th scope="col" className="px-4 py-2 font-normal">
              {t("due")}
            </th>
            {hasCost && (
              <>
                <th scope="col" className="hidden px-2 py-2 text-end font-normal @xl:table-cell">
                  {t("price")}
                </th>
                <th scope="col" className="hidden px-2 py-2 text-end font-normal @xl:table-cell">
                  {t("interestAndFee")}
                </th>
              </>
            )}
            <th scope="col" className={classes("py-2 ps-2 text-end font-normal", endOf(isPreview))}>
              {t("toPay")}
            </th>
            {!isPreview && (
              <th scope="col" className="hidden px-4 py-2 font-normal @md:table-cell">
                {t("state")}
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
            <th scope="row" className="px-4 py-2.5 text-start font-medium">
              {t("total")}
            </th>
            {hasCost && (
              <>
                <td className="hidden px-2 text-end @xl:table-cell">
                  <Money value={inCurrency(sum(lines, "principal"), like)} />
                </td>
                <td className="hidden px-2 text-end @xl:table-cell">
                  <Money value={inCurrency(sum(lines, "interest") + sum(lines, "fee"), like)} />
                </td>
              </>
            )}
            <td className={classes("ps-2 text-end", endOf(isPreview))}>
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
  const t = useTranslations("installments");
  const format = useFormat();
  const [tone, said] = STATES[line.status];
  const word = t(said);
  return (
    <tr>
      <th scope="row" className="px-4 py-2.5 text-start font-normal">
        <time dateTime={line.due_on} className="figures whitespace-nowrap">
          {formatPlainDay(line.due_on, format)}
        </time>
        {line.kind !== "part" && (
          <span className="block text-soft text-xs">{t(KINDS[line.kind as keyof typeof KINDS])}</span>
        )}
        {!isPreview && (
          <span className="mt-1 block @md:hidden">
            <State state={line.status} tone={tone} word={word} />
          </span>
        )}
      </th>
      {hasCost && (
        <>
          <td className="hidden px-2 text-end @xl:table-cell">
            <Money value={inCurrency(line.principal, like)} />
          </td>
          <td className="hidden px-2 text-end @xl:table-cell">
            <Money value={inCurrency(line.interest + line.fee, like)} />
          </td>
        </>
      )}
      <td className={classes("ps-2 text-end", endOf(isPreview))}>
        <Money value={inCurrency(line.total, like)} className="font-medium" />
        {line.open > 0 && line.open < line.total && (
          <span className="block text-soft text-xs">
            {t.rich("openAmount", { amount: () => <Money value={inCurrency(line.open, like)} /> })}
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
  return isPreview ? "pe-4" : "pe-4 @md:pe-2";
}

function sum(lines: Line[], key: "principal" | "interest" | "fee" | "total"): number {
  return lines.reduce((total, line) => total + line[key], 0);
}
