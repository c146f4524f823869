import type { ReactNode } from "react";
import type { Schemas } from "@/client/schemas";
import { Money } from "@/ui/money";
import { WideTable } from "@/ui/wide-table";

type Line = Schemas["InvoiceLineOut"];
type More<T> = { header: string; cell: (line: T) => ReactNode };

/** The lines of an order or bill with columns of their own between quantity and price. */
export function LinesTable<T extends Line>({ lines, more, name }: { lines: T[]; more: More<T>[]; name: string }) {
  return (
    <WideTable label={name}>
      <table className="w-full text-sm">
        <caption className="sr-only">{name}</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            <th scope="col" className="px-4 py-2 text-left font-medium">
              Description
            </th>
            {["Quantity", ...more.map(({ header }) => header), "Price", "Net"].map((header) => (
              <th key={header} scope="col" className="whitespace-nowrap px-4 py-2 text-right font-medium">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {lines.map((line) => (
            <tr key={line.n}>
              <td className="px-4 py-2">{line.description}</td>
              <td className="figures whitespace-nowrap px-4 py-2 text-right">
                {line.quantity} {line.unit}
              </td>
              {more.map(({ header, cell }) => (
                <td key={header} className="figures px-4 py-2 text-right">
                  {cell(line)}
                </td>
              ))}
              <td className="px-4 py-2 text-right">
                <Money value={line.unit_price} />
              </td>
              <td className="px-4 py-2 text-right">
                <Money value={line.net} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
}
