import type { Schemas } from "@/client/schemas";
import type { Amount } from "@/lib/money";

export type StatementRow = Schemas["StatementListed"];
export type Statement = Schemas["StatementOut"];

export type Moved = { at: string; title: string; entry_id: string; amount: number; balance: number };
export type WalletPart = {
  wallet_id: string;
  purpose: string;
  opening: number;
  arrived: number;
  left: number;
  closing: number;
  movements: Moved[];
};
export type Stated = {
  made_at: string;
  wallets: WalletPart[];
  purchases: {
    purchase_id: string;
    role: string;
    reference: string;
    title: string;
    at: string;
    amount: number;
    returned: number;
    legs: { kind: string; amount: number }[];
  }[];
  installments: {
    order_id: string;
    title: string;
    status: string;
    paid: number;
    owed: number;
    due: { due_on: string; amount: number }[];
  }[];
  /** Statements made before invoices were part of them have none. */
  invoices?: {
    owed: number;
    overdue: number;
    credit: number;
    invoices: {
      invoice_id: string;
      number: string;
      due_on: string;
      amount: number;
      paid: number;
      credited: number;
      /** What of the credited had been paid; statements made before it was told apart do not say. */
      to_credit?: number;
      owed: number;
      is_overdue: boolean;
    }[];
  };
  cashback: { pending: number; available: number; expiring: { at: string; amount: number }[] };
};

/** What a statement says; its shape is frozen with it. */
export const statedOf = (statement: Statement) => statement.stated as unknown as Stated;

export const statementHref = (statement: { id: string }) => `/statements/view/?id=${statement.id}`;

/** Minor units in a statement's currency. */
export const inCurrency = (minor: number, statement: { currency: string }): Amount => ({
  amount: minor,
  currency: statement.currency,
});

/** The first and last day of the month before a day, as YYYY-MM-DD. */
export function monthBefore(day: Date): [from: string, through: string] {
  const year = day.getUTCFullYear();
  const month = day.getUTCMonth();
  const first = new Date(Date.UTC(year, month - 1, 1));
  const last = new Date(Date.UTC(year, month, 0));
  return [first.toISOString().slice(0, 10), last.toISOString().slice(0, 10)];
}
