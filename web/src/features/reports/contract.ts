import type { Schemas } from "@/client/schemas";

export type RequestRow = Schemas["RequestOut"];
export type RequestTrace = Schemas["RequestTraceOut"];
export type ProfitAndLoss = Schemas["ProfitAndLossOut"];
export type BalanceSheet = Schemas["BalanceSheetOut"];
export type Section = Schemas["SectionOut"];
export type StatementRow = Schemas["StatementRowOut"];
export type LedgerLine = Schemas["LedgerLineOut"];
export type LedgerPosting = Schemas["LedgerPostingOut"];
