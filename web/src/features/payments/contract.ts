import type { Amount } from "@/lib/money";

export type PaymentRow = {
  id: string;
  status: string;
  amount: Amount;
  captured: Amount;
  refunded: Amount;
  fees?: Amount | null;
  merchant: { id?: string; name?: string | null } | null;
  customer: { id?: string; name?: string | null; email?: string | null } | null;
  reference: string | null;
  description: string | null;
  checkout_url: string | null;
  created_at: string;
};

export type TimelineStep = {
  at: string;
  kind: string;
  title: string;
  detail?: string | null;
  entry_id?: string | null;
  amount?: Amount | null;
};

export type Attempt = {
  id: string;
  provider?: string;
  method?: string;
  state: string;
  created_at?: string;
  error_code?: string | null;
};

export type PaymentEntry = {
  id: string;
  recipe: string;
  recorded_at?: string;
  postings: { debit_account: string; credit_account: string; amount: Amount }[];
};

export type Callback = { id: string; received_at: string; state: string; trust: string; bytes_base64?: string | null };
export type PaymentEvent = { id: string; type: string; at: string };
export type Delivery = { id: string; event_id?: string; state: string; status_code?: number | null; at?: string };

export type Payment = PaymentRow & {
  timeline: TimelineStep[];
  attempts: Attempt[];
  entries: PaymentEntry[];
  callbacks: Callback[];
  events: PaymentEvent[];
  deliveries: Delivery[];
};

export type PaymentLink = {
  id: string;
  url: string;
  amount: Amount | null;
  description: string;
  active: boolean;
  paid_count: number;
  created_at: string;
};
