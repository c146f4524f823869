import type { Schemas } from "@/client/schemas";

export type Quote = Schemas["SalesQuoteOut"];
export type QuoteDetail = Schemas["SalesQuoteDetail"];
export type QuoteVersion = Schemas["SalesQuoteVersionOut"];
export type SalesOrder = Schemas["SalesOrderOut"];
export type SalesOrderDetail = Schemas["SalesOrderDetail"];
export type OrderLine = Schemas["SalesOrderLineOut"];

/** What a state means to somebody who looks at a quote. */
export const QUOTE_MEANING: Record<string, string> = {
  draft: "Its customer cannot answer this version yet.",
  sent: "It awaits the customer’s answer.",
  accepted: "The customer accepted it.",
  declined: "The customer declined it; a new version may follow.",
  expired: "Nobody answered while it was valid; a new version may follow.",
};

/** What a state means to somebody who looks at an order. */
export const ORDER_MEANING: Record<string, string> = {
  open: "Something is still to be delivered or invoiced.",
  done: "Everything was delivered and invoiced.",
  cancelled: "Nothing of it will come.",
};

export const quoteHref = ({ id }: { id: string }) => `/quotes/view/?id=${id}`;
export const orderHref = ({ id }: { id: string }) => `/orders/view/?id=${id}`;
