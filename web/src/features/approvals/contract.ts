import type { Schemas } from "@/client/schemas";

export type Approval = Schemas["ApprovalOut"];
export type Line = Schemas["ApprovalLineOut"];

/** Kinds of acts that a line can be set for, and what each is compared with. */
export const LINE_KINDS: Record<string, [name: string, compared: string]> = {
  payout: ["Payouts", "Each payout, and the total of a batch"],
  journal: ["Manual journals", "What one journal, reversal or bulk moves together"],
  refund: ["Refunds", "All refunds of one payment together"],
};

export type Rules = Schemas["ApprovalRulesOut"];

/** Decisions without an amount, for which two people may be wanted. */
export const RULE_KINDS: Record<string, [name: string, meaning: string]> = {
  kyc: ["Verifications", "Approving and rejecting an identity"],
  erasure: ["Erasures", "Forgetting a person or company for good"],
};
