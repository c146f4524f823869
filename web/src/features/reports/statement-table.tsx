import { shortCode } from "@/ui/id";
import { Money } from "@/ui/money";
import type { Section, StatementRow } from "./contract";

export type Total = { label: string; amount: StatementRow["amount"]; compared: StatementRow["amount"] };
type HrefOf = (code: string, currency: string, accountId: string | null) => string;
type Props = {
  caption: string;
  amountHeader: string;
  comparedHeader: string | null;
  sections: { title: string; section: Section }[];
  /** Sums below all sections; the last is the one to look at. */
  totals: Total[];
  hrefOf: HrefOf;
  comparedHrefOf: HrefOf;
};

/** A financial statement: sections with their lines and sums, each amount with the way to its postings. */
export function StatementTable(props: Props) {
  const { sections, totals, comparedHeader, amountHeader } = props;
  const widths = comparedHeader ? 3 : 2;
  return (
    <table className="ledger-table w-full border-collapse">
      <caption className="sr-only">{props.caption}</caption>
      <thead>
        <tr className="border-rule border-b text-left text-soft text-xs">
          <th scope="col" className="px-4 py-2 font-medium">
            Accounts
          </th>
          <th scope="col" className="px-4 py-2 text-right font-medium">
            {amountHeader}
          </th>
          {comparedHeader && (
            <th scope="col" className="px-4 py-2 text-right font-medium">
              {comparedHeader}
            </th>
          )}
        </tr>
      </thead>
      {sections.map(({ title, section }) => (
        <tbody key={title} className="divide-y divide-rule border-rule border-b">
          <tr>
            <th scope="rowgroup" colSpan={widths} className="px-4 pt-4 pb-1 text-left">
              {title}
            </th>
          </tr>
          {section.lines.length === 0 && (
            <tr>
              <td colSpan={widths} className="px-4 py-2 text-soft">
                Nothing in this time
              </td>
            </tr>
          )}
          {section.lines.map((line) => (
            <Line key={line.code} line={line} {...props} />
          ))}
          <tr className="h-10 font-medium">
            <td data-label="" className="px-4 py-2">
              Total {title.toLowerCase()}
            </td>
            <td data-label={amountHeader} className="px-4 py-2 text-right">
              <Money value={section.total} href={props.hrefOf(section.type, section.total.currency, null)} />
            </td>
            {comparedHeader && (
              <td data-label={comparedHeader} className="px-4 py-2 text-right">
                <Money
                  value={section.compared}
                  href={props.comparedHrefOf(section.type, section.total.currency, null)}
                />
              </td>
            )}
          </tr>
        </tbody>
      ))}
      <tbody>
        {totals.map((total) => (
          <tr key={total.label} className="h-10 font-semibold">
            <td data-label="" className="px-4 py-2">
              {total.label}
            </td>
            <td data-label={amountHeader} className="px-4 py-2 text-right">
              <Money
                value={total.amount}
                href={props.hrefOf("", total.amount.currency, null)}
                className="total-rule py-1"
              />
            </td>
            {comparedHeader && (
              <td data-label={comparedHeader} className="px-4 py-2 text-right">
                <Money value={total.compared} href={props.comparedHrefOf("", total.amount.currency, null)} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Line({ line, amountHeader, comparedHeader, hrefOf, comparedHrefOf }: Props & { line: StatementRow }) {
  return (
    <tr className="h-10 hover:bg-well">
      <td data-label="Accounts" className="px-4 py-2 font-mono text-xs [overflow-wrap:anywhere]">
        <span title={line.code}>{shortCode(line.code)}</span>
      </td>
      <td data-label={amountHeader} className="px-4 py-2 text-right">
        <Money value={line.amount} href={hrefOf(line.code, line.amount.currency, line.account_id)} />
      </td>
      {comparedHeader && (
        <td data-label={comparedHeader} className="px-4 py-2 text-right">
          <Money value={line.compared} href={comparedHrefOf(line.code, line.amount.currency, line.account_id)} />
        </td>
      )}
    </tr>
  );
}
