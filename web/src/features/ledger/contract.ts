import type { Amount } from "@/lib/money";

export type TreeNode = {
  code: string;
  currency: string;
  type: string;
  balance: Amount;
  accounts: number;
  account_id: string | null;
};

export type Account = {
  id: string;
  code: string;
  type: string;
  currency: string;
  name: string;
  owner: string | null;
  balance: Amount;
  floor: Amount | null;
  debits_frozen: boolean;
  credits_frozen: boolean;
  closed_at: string | null;
  version: number;
};

export type StatementLine = {
  entry_id: string;
  line: number;
  version: number;
  side: "debit" | "credit";
  amount: Amount;
  balance: Amount;
  other_account: string;
  other_code: string | null;
  recipe: string;
  description: string;
  effective_at: string;
  recorded_at: string;
};

export type Posting = {
  line: number;
  debit_account: string;
  debit_code: string | null;
  credit_account: string;
  credit_code: string | null;
  amount: Amount;
  debit_balance: Amount;
  credit_balance: Amount;
};

export type Entry = {
  id: string;
  recipe: string;
  description: string;
  effective_at: string;
  recorded_at: string;
  business_date: string;
  actor: string;
  request_id: string;
  idempotency_key: string | null;
  callback_id: string | null;
  approver: string | null;
  reverses: string | null;
  reversed_by: string | null;
  metadata: Record<string, unknown>;
  postings: Posting[];
};

export type TrialBalance = {
  as_of: string;
  balanced: boolean;
  totals: { currency: string; debit_minor: number; credit_minor: number; difference_minor: number }[];
  lines: {
    account_id: string;
    code: string;
    name: string;
    type: string;
    currency: string;
    debit_minor: number;
    credit_minor: number;
  }[];
};
