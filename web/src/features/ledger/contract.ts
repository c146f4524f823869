import type { Schemas } from "@/client/schemas";

export type TreeNode = Schemas["TreeNodeOut"];
export type Account = Schemas["AccountOut"];
export type StatementLine = Schemas["StatementLineOut"];
export type Posting = Schemas["PostingOut"];
export type Entry = Schemas["EntryOut"];
export type Receipt = Schemas["ReceiptOut"];
export type TrialBalance = Schemas["TrialBalanceOut"];
export type Periods = Schemas["PeriodsOut"];
