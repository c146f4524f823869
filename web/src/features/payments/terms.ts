import type { Schemas } from "@/client/schemas";

export type Terms = Schemas["TermsOut"];

export const ROUNDINGS: [value: string, name: string][] = [
  ["ROUND_HALF_UP", "Half up"],
  ["ROUND_HALF_EVEN", "Half to even"],
  ["ROUND_UP", "Always up"],
  ["ROUND_DOWN", "Always down"],
];

/** Addresses as people type them, one on a line. */
export function addressesIn(text: string): string[] {
  return text
    .split(/\s+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/**
 * What of the terms is said anew. What stays is not sent: a merchant who only follows the organisation in something goes
 * on following it when the organisation changes that.
 */
export function changedTerms(before: Terms, after: Terms): Partial<Terms> {
  const isChanged = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(before[name as keyof Terms]);
  return Object.fromEntries(Object.entries(after).filter(isChanged));
}
