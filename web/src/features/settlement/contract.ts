import type { Schemas } from "@/client/schemas";
import { stateWord } from "@/ui/state";

export type Settlement = Schemas["SettlementOut"];
export type SettlementDetail = Schemas["SettlementDetail"];
export type SettlementLine = Schemas["SettlementLineOut"];
export type SettledPosting = Schemas["SettledPostingOut"];
export type SettlementPlan = Schemas["SettlementPlanOut"];
export type SettlementTerms = Schemas["SettlementTermsOut"];
export type Countries = Schemas["CountriesOut"];

export const viewOf = (id: string) => `/settlements/view/?id=${id}`;

const CAUSES: Record<string, string> = {
  sales: "Sales",
  purchases: "Purchases paid by wallet and cashback",
  installments: "Sold in installments",
  refunds: "Refunds",
  refunds_given_back: "Refunds that came back",
  disputes: "Disputes",
  disputes_won: "Disputes won",
  released: "Released before",
  other_credits: "Other credits",
  other_debits: "Other debits",
  reserve_released: "Reserve released",
  recovery: "Debt repaid",
  reserve_kept: "Kept in reserve",
  fee: "Settlement fee",
};

/** Causes whose lines stand for postings of their own; the others are part of the settlement's entry. */
const OWN_ENTRY = ["reserve_released", "recovery", "reserve_kept", "fee"];

export function causeName(cause: string): string {
  return CAUSES[cause] ?? stateWord(cause);
}

/** The page of what a posting is about: the payment, the purchase or the order in parts it came from. */
export function soldBy(row: SettledPosting): string | undefined {
  if (row.payment_id) return `/payments/view/?id=${row.payment_id}`;
  if (row.purchase_id) return `/purchases/view/?id=${row.purchase_id}`;
  return row.installment_order_id ? `/installments/view/?id=${row.installment_order_id}` : undefined;
}

export function isOfOwnEntry(cause: string): boolean {
  return OWN_ENTRY.includes(cause);
}

const BLOCKERS: Record<string, string> = {
  nothing_owed: "Nothing is due by the cut-off. What comes later is due on a later day.",
  below_minimum: "Less than the minimum is due. It waits and is settled together with what comes.",
};

export function blockerText(blocker: string): string {
  return BLOCKERS[blocker] ?? stateWord(blocker);
}

const MEANING: Record<string, string> = {
  in_wallet: "The money is in the merchant's wallet, as the terms want it.",
  not_paid_out: "The money should have left and did not. It is in the merchant's wallet.",
  paying_out: "The money is on its way to the merchant's account.",
  paid_out: "The money has arrived at the merchant's account.",
};

export function meaningOf(status: string): string {
  return MEANING[status] ?? "";
}

/** A rate such as `0.05` as people write it, `5 %`, and back. Only decimal text: no rounding of binary fractions. */
export function percentOf(rate: string): string {
  const [whole = "0", fraction = ""] = rate.split(".");
  const digits = fraction.padEnd(2, "0");
  const before = `${whole}${digits.slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  const after = digits.slice(2).replace(/0+$/, "");
  return after ? `${before}.${after}` : before;
}

export function rateOf(percent: string): string | null {
  const match = /^(\d{1,3})(?:[.,](\d{1,6}))?$/.exec(percent.trim());
  if (!match) return null;
  const whole = (match[1] ?? "0").padStart(3, "0");
  const rate = `${whole.slice(0, -2).replace(/^0+(?=\d)/, "")}.${whole.slice(-2)}${match[2] ?? ""}`;
  const tidy = rate.replace(/0+$/, "").replace(/\.$/, "");
  return Number(tidy) > 1 ? null : tidy;
}

/** The terms in one line, as a list tells them. */
export function termsInWords(terms: SettlementTerms): string {
  const place = [terms.country, terms.subdivision].filter(Boolean).join("-") || "weekdays";
  const reserve =
    terms.reserve_rate === "0" ? [] : [`${percentOf(terms.reserve_rate)} % kept ${terms.reserve_days} days`];
  return [`T+${terms.delay_days}`, place, `cut-off ${terms.cut_off}`, ...reserve].join(" · ");
}
