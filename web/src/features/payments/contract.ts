import type { Schemas } from "@/client/schemas";
import type { Amount } from "@/lib/money";

export type PaymentRow = Schemas["PaymentOut"];
export type Attempt = Schemas["specie__payments__schemas__AttemptOut"];
export type TimelineStep = Schemas["TimelineOut"];
export type Callback = Schemas["CallbackBrief"];

/** An entry as the feed tells it: ids, times and postings, no free text. */
export type PaymentEntry = {
  entry_id: string;
  recipe: string;
  recorded_at: string;
  postings: { debit_account: string; credit_account: string; amount: Amount }[];
};

export type PaymentEvent = { id: string; type: string; at?: string };
export type Delivery = { id: string; state: string; last_status?: number | null };

export type Payment = Omit<Schemas["PaymentDetail"], "entries" | "events" | "deliveries"> & {
  entries: PaymentEntry[];
  events: PaymentEvent[];
  deliveries: Delivery[];
};
