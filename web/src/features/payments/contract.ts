import type { Schemas } from "@/client/schemas";
import type { Amount } from "@/lib/money";

export type PaymentRow = Schemas["PaymentListed"];
export type Attempt = Schemas["specie__payments__schemas__AttemptOut"];
export type TimelineStep = Schemas["TimelineOut"];
export type Capture = Schemas["CaptureOut"];
export type EvidenceFile = Schemas["EvidenceFileOut"];
export type Dispute = Schemas["DisputeOut"];

/** An acceptance that waits for a second person: the dispute is as open as before. */
export type AcceptanceAsked = Schemas["AcceptanceAsked"];
export type Refund = Schemas["RefundOut"];
export type PaymentSettlement = Schemas["PaymentSettlementOut"];
export type ProviderMoney = Schemas["ProviderMoneyOut"];
export type Callback = Schemas["CallbackBrief"];

/** An entry: ids, times and postings, each with the codes of its accounts. */
export type PaymentEntry = {
  entry_id: string;
  recipe: string;
  recorded_at: string;
  postings: EntryPosting[];
};

export type EntryPosting = {
  debit_account: string;
  debit_code: string | null;
  credit_account: string;
  credit_code: string | null;
  amount: Amount;
};

/** Where the postings of a payment are read. */
export const postingsOf = (paymentId: string) => `/payments/view/?id=${paymentId}#postings`;

/** A refund that would be made, with what it would post. */
export type RefundPreview = Omit<Schemas["RefundMade"], "postings"> & { postings: EntryPosting[] };

/** A refund that waits for a second person: nothing has moved. */
export type RefundAsked = Schemas["RefundAsked"];

export type PaymentEvent = { id: string; n: number; type: string; at: string };
export type Delivery = {
  id: string;
  event_type: string;
  state: string;
  attempts: number;
  last_status: number | null;
};

export type Payment = Omit<Schemas["PaymentDetail"], "entries" | "events" | "deliveries"> & {
  entries: PaymentEntry[];
  events: PaymentEvent[];
  deliveries: Delivery[];
};
