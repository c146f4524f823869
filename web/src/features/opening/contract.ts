import type { Schemas } from "@/client/schemas";

export type OpeningImport = Schemas["OpeningImportOut"];
export type OpeningDetail = Schemas["OpeningImportDetail"];
export type OpeningLine = Schemas["OpeningLineOut"];
export type OpeningTotal = Schemas["OpeningTotalOut"];

/** Where an import is shown with the entry of each line. */
export const importHref = (id: string) => `/ledger/opening/view/?id=${id}`;

/** The state as people call it: what waits does so for somebody. */
export const stateOf = ({ status }: { status: OpeningDetail["status"] }) =>
  status === "waiting" ? "needs_approval" : status;
