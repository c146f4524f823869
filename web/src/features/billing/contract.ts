import type { Schemas } from "@/client/schemas";
import type { Amount } from "@/lib/money";

export type Invoice = Schemas["InvoiceOut"];
export type InvoiceDetail = Schemas["InvoiceDetail"];
export type Figures = Schemas["FiguresOut"];
export type Ages = Schemas["AgesOut"];
export type Product = Schemas["ProductOut"];
export type Warehouse = Schemas["WarehouseOut"];
export type TaxRate = Schemas["TaxRateOut"];
export type Profile = Schemas["BillingProfile"];

/** How long ago something was due, as people say it. */
export const AGES: Record<string, string> = {
  not_due: "Not due yet",
  "1_30": "1–30 days late",
  "31_60": "31–60 days late",
  "61_90": "61–90 days late",
  over_90: "Over 90 days late",
};

/** What a state means to somebody who looks at an invoice. */
export const MEANING = {
  draft: "meansDraft",
  issued: "meansIssued",
  part_paid: "meansPartPaid",
  paid: "meansPaid",
  void: "meansVoid",
} as const;

/** Whether what is sold has left the stock. */
export const GOODS = { waiting: "toDeliver", delivered: "delivered" } as const;

export const invoiceHref = (invoice: { id: string }) => `/invoices/view/?id=${invoice.id}`;

export const nameOf = (invoice: { number: string | null }) => invoice.number ?? "Draft";

/** Minor units in an invoice's currency. */
export function inCurrency(minor: number, currency: string): Amount {
  return { amount: minor, currency };
}

export type CustomerAccount = Schemas["CustomerAccountOut"];
export type CustomerCredit = Schemas["CustomerCreditOut"];
export type MoneyReceived = Schemas["MoneyReceivedOut"];

export const moneyPage = (partyId: string) => `/customers/money/?id=${partyId}`;

/** The postings of an account, which say how its balance came about. */
export const accountPage = (accountId: string) => `/ledger/account/?id=${accountId}`;
