import type { Amount } from "@/lib/money";

export type Parts = Record<string, number | null>;

type Open = { id: string; open: Amount };

/**
 * How an amount is spread over open invoices, in minor units: what was typed stays, and the rest pays the others in
 * the order they are listed in, each at most what is open of it.
 */
export function spread(amount: number, invoices: Open[], typed: Parts): Record<string, number> {
  const fixed = invoices.reduce((sum, { id }) => sum + (typed[id] ?? 0), 0);
  let left = Math.max(amount - fixed, 0);
  const parts: Record<string, number> = {};
  for (const { id, open } of invoices) {
    const part = typed[id] === undefined ? Math.min(left, open.amount) : (typed[id] ?? 0);
    if (typed[id] === undefined) left -= part;
    parts[id] = part;
  }
  return parts;
}

/** The parts as the API takes them; an invoice that gets nothing is left out. */
export function sharesOf(parts: Record<string, number>, currency: string) {
  return Object.entries(parts)
    .filter(([, minor]) => minor > 0)
    .map(([id, minor]) => ({ invoice_id: id, amount: { amount: minor, currency } }));
}
