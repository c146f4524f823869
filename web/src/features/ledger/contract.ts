import type { Schemas } from "@/client/schemas";

export type TreeNode = Schemas["TreeNodeOut"];
export type Account = Schemas["AccountOut"];
export type StatementLine = Schemas["StatementLineOut"];
export type Posting = Schemas["PostingOut"];
export type Entry = Schemas["EntryOut"];
export type Monitor = Schemas["MonitorOut"];
export type Receipt = Schemas["ReceiptOut"];
export type TrialBalance = Schemas["TrialBalanceOut"];
export type Periods = Schemas["PeriodsOut"];
export type JournalAsked = Schemas["JournalAsked"];

/** What posting by hand brings: the entry, or a request that a second person decides. */
export type Made = Entry | JournalAsked;

/** Whether nothing has been posted, because a second person decides first. */
export function isAsked(made: Made): made is JournalAsked {
  return "approval_id" in made;
}

/** Where one looks next. */
export function placeOf(made: Made): string {
  return isAsked(made) ? "/approvals/" : `/ledger/entry/?id=${made.id}`;
}
