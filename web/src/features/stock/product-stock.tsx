"use client";

import { useThing } from "@/client/queries";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Skeleton } from "@/ui/skeleton";
import { WideTable } from "@/ui/wide-table";
import type { Level, Warehouse } from "./contract";

const FIGURES: [key: "on_hand" | "reserved" | "available", name: string][] = [
  ["on_hand", "On hand"],
  ["reserved", "Reserved"],
  ["available", "Available"],
];

/** What of a product lies in each warehouse, is promised, and may still be given to others. */
export function ProductStock({ productId, unit }: { productId: string; unit: string }) {
  const levels = useThing<{ data: Level[] }>("/stock/levels", { product_id: productId, limit: 100 });
  const warehouses = useThing<{ data: Warehouse[] }>("/stock/warehouses");
  if (levels.error) return <ErrorState problem={levels.error} onRetry={() => levels.refetch()} />;
  if (!levels.data) return <Skeleton lines={2} />;
  if (levels.data.data.length === 0) return <p className="mb-6 text-soft text-sm">None has come into stock yet.</p>;
  const names = new Map(warehouses.data?.data.map(({ id, name }) => [id, name]));
  return (
    <WideTable label={`Stock by warehouse, in ${unit}`}>
      <table className="mb-6 w-full text-sm">
        <caption className="sr-only">{`Stock by warehouse, in ${unit}`}</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            <th scope="col" className="py-2 font-medium">
              Warehouse
            </th>
            {FIGURES.map(([key, name]) => (
              <th key={key} scope="col" className="py-2 ps-3 text-end font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {levels.data.data.map((level) => (
            <tr key={level.warehouse_id}>
              <td className="py-2">
                <Link
                  href={`/stock/movements/?product=${productId}&warehouse=${level.warehouse_id}`}
                  className="underline underline-offset-4"
                >
                  {names.get(level.warehouse_id) ?? "…"}
                </Link>
              </td>
              {FIGURES.map(([key]) => (
                <td key={key} className="figures py-2 ps-3 text-end">
                  {level[key].replace("-", "\u2212")}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  );
}
