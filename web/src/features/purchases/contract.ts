import type { Schemas } from "@/client/schemas";

export type PurchaseRow = Schemas["PurchaseListedOut"];
export type Purchase = Schemas["TenderedPurchaseOut"];
export type Leg = Schemas["PurchaseLegOut"];
export type Refund = Schemas["PurchaseRefundOut"];
export type RefundAsked = Schemas["PurchaseRefundAsked"];
export type Possible = Schemas["PossibleTenderOut"];
export type TenderPlan = Schemas["TenderPlanOut"];
export type Kind = Leg["kind"];

/** What a state means to somebody who looks at a purchase. */
export const MEANING: Record<string, string> = {
  open: "Waits for its customer to choose what to pay with. Nothing has moved.",
  held: "Every part is set aside; the last one is paid on its own page, and then all of them count at once.",
  completed: "Every part was paid, in one commit.",
  cancelled: "Called off; everything that was set aside went back.",
  expired: "Nobody paid in time.",
};

/** Tenders in words, as keys of the texts of purchases. */
export const TENDERS = {
  cashback: "tenderCashback",
  wallet: "tenderWallet",
  installments: "tenderInstallments",
  provider: "tenderProvider",
} as const satisfies Record<Kind, string>;

export const purchaseHref = (purchase: { id: string }) => `/purchases/view/?id=${purchase.id}`;

/** Where a leg is looked at: its order, its payment, or the entry that paid it. */
export function legHref(leg: Leg): string | undefined {
  if (leg.order_id) return `/installments/view/?id=${leg.order_id}`;
  if (leg.payment_id) return `/payments/view/?id=${leg.payment_id}`;
  return leg.entry_id ? `#${leg.entry_id}` : undefined;
}
