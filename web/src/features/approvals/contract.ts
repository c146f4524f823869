import type { Schemas } from "@/client/schemas";

export type Approval = Schemas["ApprovalOut"];
export type Line = Schemas["ApprovalLineOut"];

/** Kinds of acts that a line can be set for, and what each is compared with. */
export const LINE_KINDS: Record<string, [name: string, compared: string]> = {
  payout: ["Payouts", "Each payout, and the total of a batch"],
  refund: ["Refunds", "All refunds of one payment together"],
};
