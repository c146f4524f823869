import type { Amount } from "@/lib/money";
import { Money } from "@/ui/money";
import { causeName, type SettlementLine } from "./contract";

type Props = {
  lines: SettlementLine[];
  payout: Amount;
  hrefOf?: (line: SettlementLine) => string;
  payoutHref?: string;
};

/** The lines of a settlement and what they sum to. */
export function LineTable({ lines, payout, hrefOf, payoutHref }: Props) {
  return (
    <table className="w-full border-collapse">
      <caption className="sr-only">Lines, which sum to the payout</caption>
      <thead>
        <tr className="border-rule border-b text-left text-soft text-xs">
          <th scope="col" className="px-4 py-2 font-medium">
            Cause
          </th>
          <th scope="col" className="px-4 py-2 text-right font-medium">
            Count
          </th>
          <th scope="col" className="px-4 py-2 text-right font-medium">
            Amount
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-rule">
        {lines.map((line) => (
          <tr key={line.cause}>
            <th scope="row" className="px-4 py-2 text-left font-normal">
              {causeName(line.cause)}
            </th>
            <td className="figures px-4 py-2 text-right text-soft">{line.postings}</td>
            <td className="px-4 py-2 text-right">
              <Money value={line.amount} href={hrefOf?.(line)} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className="border-rule-strong border-t-2">
          <th scope="row" colSpan={2} className="px-4 py-2 text-left font-medium">
            Payout
          </th>
          <td className="px-4 py-2 text-right font-medium">
            <Money value={payout} href={payoutHref} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
