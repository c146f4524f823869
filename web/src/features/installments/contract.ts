import type { Schemas } from "@/client/schemas";
import type { Amount } from "@/lib/money";
import type { Say } from "@/messages/words";

export type Plan = Schemas["PlanOut"];
export type Terms = Schemas["PlanOut"]["terms"];
export type OrderRow = Schemas["OrderOut"];
export type OrderDetail = Schemas["OrderDetail"];
export type Line = Schemas["LineOut"];
export type Cost = Schemas["CostOut"];
export type Quote = Schemas["QuoteOut"];
export type Board = Schemas["BoardOut"];
export type CreditLine = Schemas["CreditLineOut"];

/** What a state means to somebody who looks at an order. */
export const MEANING: Record<string, string> = {
  offered: "Waits for its customer. Nothing is owed before the customer agrees to the cost.",
  reserved: "Agreed to as a part of a purchase; the credit is set aside until the purchase is decided.",
  active: "The merchant has been paid; the customer pays in parts.",
  paid: "Everything has been paid.",
  cancelled: "Called off before anybody agreed.",
  expired: "Nobody agreed in time.",
  charged_off: "Nothing more is expected. What was owed is a loss; it can still be recovered.",
};

/** How ages of open parts are called. */
export const AGES: Record<string, string> = {
  not_due: "Not due yet",
  today: "Due today",
  days_1_29: "1–29 days late",
  days_30_59: "30–59 days late",
  days_60_89: "60–89 days late",
  days_90_on: "90 days and more",
};

export const lineHref = (partyId: string) => `/installments/line/?id=${partyId}`;

export const orderHref = (order: { id: string }) => `/installments/view/?id=${order.id}`;

/** Minor units in an order's currency. */
export function inCurrency(minor: number, like: Amount): Amount {
  return { amount: minor, currency: like.currency };
}

/** What an order is called: its title, else its reference. */
export function orderName(order: { title: string; reference: string }): string {
  return order.title || order.reference;
}

const ONE_PART = { weekly: "termsOneWeekly", fortnightly: "termsOneFortnightly", monthly: "termsOneMonthly" } as const;
const RHYTHMS = { weekly: "termsWeekly", fortnightly: "termsFortnightly", monthly: "termsMonthly" } as const;

/** A plan's terms in a few words: "4 parts, monthly, 12 % a year on what is owed". */
export function spokenTerms(t: Say<"installments">, terms: Terms): string {
  const isOne = terms.parts === 1;
  const parts = isOne ? t(ONE_PART[terms.interval]) : t("termsParts", { parts: terms.parts });
  const rhythm = isOne ? [] : [t(RHYTHMS[terms.interval])];
  const down = Number(terms.down_payment) ? [t("termsDown", { share: percent(terms.down_payment) })] : [];
  return [parts, ...rhythm, ...down, spokenInterest(t, terms)].join(t("comma"));
}

function spokenInterest(t: Say<"installments">, terms: Terms): string {
  if (terms.interest === "none") return t("termsNoInterest");
  return t(terms.interest === "flat" ? "termsFlat" : "termsDeclining", { rate: percent(terms.annual_rate ?? "0") });
}

/** A fraction as a percentage: "0.125" is "12.5 %". */
export function percent(fraction: string): string {
  return `${Number((Number(fraction) * 100).toFixed(4))} %`;
}

/** A percentage as people type it, as the fraction the API takes; null when it is not one. */
export function fraction(text: string): string | null {
  const match = /^(\d{1,3})(?:[.,](\d{1,4}))?$/.exec(text.trim());
  if (!match) return null;
  const [, whole = "0", rest = ""] = match;
  if (Number(whole) > 100) return null;
  const digits = whole.padStart(3, "0") + rest;
  const value = `${digits.slice(0, -2 - rest.length)}.${digits.slice(-2 - rest.length)}`;
  const clean = value.replace(/^0+(?=\d)/, "").replace(/\.?0+$/, "");
  return clean === "" ? "0" : clean;
}
