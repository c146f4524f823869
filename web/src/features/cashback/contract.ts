import type { Schemas } from "@/client/schemas";

export type Offer = Schemas["OfferOut"];
export type Terms = Schemas["OfferTerms"];
export type TermsIn = Schemas["OfferIn"]["terms"];
export type Step = Schemas["WorkingStepOut"];
export type Working = Schemas["WorkingOut"];
export type Accrual = Schemas["AccrualOut"];
export type Summary = Schemas["CashbackSummaryOut"];
export type Merchant = Schemas["CashbackMerchantOut"];

/** What a state means to somebody who waits for the cashback. */
export const MEANING = {
  pending: "meansPending",
  confirmed: "meansConfirmed",
  available: "meansAvailable",
  paid: "meansPaid",
  expired: "meansExpired",
  reversed: "meansReversed",
} as const;

/** The colour of a piece of cashback: confirmed still waits, however good the word sounds. */
export const TONE: Record<string, "success" | "waiting" | "neutral"> = {
  confirmed: "waiting",
  available: "success",
  paid: "neutral",
};
