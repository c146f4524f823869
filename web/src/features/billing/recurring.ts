import type { Schemas } from "@/client/schemas";

export type Recurring = Schemas["RecurringOut"];
export type RecurringDetail = Schemas["RecurringDetail"];

/** How far each invoice goes by itself. */
export const HANDLING: Record<string, string> = {
  draft: "Kept as a draft",
  issue: "Issued",
  mail: "Issued and mailed",
};

export const recurringHref = (of: { id: string }) => `/invoices/recurring/view/?id=${of.id}`;

/** The time between two invoices, as people say it. */
export function rhythmOf({ unit, every }: { unit: string; every: number }): string {
  return every === 1 ? `Every ${unit}` : `Every ${every} ${unit}s`;
}
