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
export const MEANING: Record<string, string> = {
  pending: "The shop has not confirmed the purchase yet.",
  confirmed: "It becomes yours when the time to return the goods is over.",
  available: "You can spend it.",
  paid: "All of it has been spent.",
  expired: "It was not spent in time.",
  reversed: "The goods came back, so the cashback did too.",
};

/** The colour of a piece of cashback: confirmed still waits, however good the word sounds. */
export const TONE: Record<string, "success" | "waiting" | "neutral"> = {
  confirmed: "waiting",
  available: "success",
  paid: "neutral",
};
