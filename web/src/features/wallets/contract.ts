import type { Amount } from "@/lib/money";

export type Wallet = {
  id: string;
  party_id: string;
  currency: string;
  purpose: string;
  available: Amount;
  pending: Amount;
  held: Amount;
  frozen: { debits: boolean; credits: boolean };
  account_ids: Record<string, string>;
};

export type WalletLine = {
  entry_id: string;
  recipe: string;
  description: string;
  effective_at: string;
  recorded_at: string;
  direction: "in" | "out";
  amount: Amount;
  balance_after: Amount;
  counterparty: { name?: string | null; wallet_id?: string | null } | null;
  state: string;
  reference: string | null;
};

export type Recipient = { wallet_id: string; display_name: string };

export type BalanceChange = { wallet_id: string; before: Amount; after: Amount };

export type Transfer = {
  id?: string;
  state?: string;
  entry_id?: string;
  amount: Amount;
  fee?: Amount | null;
  preview?: boolean;
  limits_left?: LimitLeft[];
  balances?: BalanceChange[];
};

export type LimitLeft = { name: string; left: Amount; allowance?: Amount; resets_at?: string | null };
