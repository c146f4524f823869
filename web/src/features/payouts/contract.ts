import type { Schemas } from "@/client/schemas";
import type { Amount } from "@/lib/money";

export type PayoutRow = Schemas["PayoutListed"];
export type Payout = Schemas["PayoutOut"];
export type PayoutDetail = Schemas["PayoutDetail"];
export type Beneficiary = Schemas["BeneficiaryOut"];
export type Batch = Schemas["PayoutBatchOut"];
export type BatchDetail = Schemas["PayoutBatchDetail"];
export type BatchLine = Schemas["PayoutBatchLineOut"];

/** A payout as it is asked for. */
export type Order = {
  beneficiary_id: string;
  wallet_id: string;
  amount: Amount;
  reference: string;
  description: string;
};

/** What a state means to somebody who waits for the money. */
export const MEANING: Record<string, string> = {
  requested: "The money is set aside. A second person has to say yes.",
  approved: "It may leave; a provider is called in a moment.",
  sent: "A provider has the order. It says when the money has arrived.",
  unknown: "The provider has not answered. It is asked until it does; nothing is sent again.",
  succeeded: "The money has arrived.",
  failed: "The money did not leave. It is available again.",
  returned: "The money arrived and came back. It is available again, with the fee.",
  cancelled: "Called off before it left. The money is available again.",
};
