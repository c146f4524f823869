import type { InvoiceDetail, Product } from "./contract";

/** A line while it is being written. Quantity, discount and price are text as typed; the price in minor units once read. */
export type DraftLine = {
  key: number;
  description: string;
  quantity: string;
  unit: string;
  price: string;
  discount: string;
  taxes: string[];
  product: string | null;
};

/** Writes lines anew from what they are at that moment. */
export type ChangeLines = (rewrite: (now: DraftLine[]) => DraftLine[]) => void;

export type LineBody = {
  description: string;
  quantity: string;
  unit: string;
  unit_price: { amount: number; currency: string };
  discount: string;
  tax_rate_ids: string[];
  product_id: string | null;
};

let last = 0;

/** A new line; it takes over the taxes of the one before. */
export function emptyLine(before?: DraftLine): DraftLine {
  last += 1;
  return {
    key: last,
    description: "",
    quantity: "1",
    unit: "",
    price: "",
    discount: "",
    taxes: before?.taxes ?? [],
    product: null,
  };
}

/**
 * What a product costs in a currency: as the server chose it for a customer, by the default list without one. Nothing
 * when the list's prices are with tax and the document's are not, or the other way round: that is another amount.
 */
export function priceOf(
  product: Pick<Product, "prices">,
  currency: string,
  includesTax: boolean,
  customerId: string | undefined,
) {
  const fitting = product.prices.filter(({ amount }) => amount.currency === currency);
  const found = customerId ? fitting[0] : fitting.find(({ price_list }) => price_list.is_default);
  return found && found.price_list.tax_inclusive === includesTax ? found : undefined;
}

/** What a chosen product puts on a line. */
export function withProduct(
  line: DraftLine,
  product: Product,
  currency: string,
  includesTax: boolean,
  customerId: string | undefined,
  write: (minor: number) => string,
) {
  const priced = priceOf(product, currency, includesTax, customerId);
  return {
    ...line,
    description: product.name,
    unit: product.unit,
    taxes: product.tax_rate_ids,
    product: product.id,
    price: priced ? write(priced.amount.amount) : line.price,
  };
}

/** The lines as the API takes them, those without a description left out; null while one of them cannot be read. */
export function bodyOf(lines: DraftLine[], currency: string, read: (text: string) => number | null): LineBody[] | null {
  const bodies: LineBody[] = [];
  for (const line of lines) {
    if (!line.description.trim()) continue;
    const minor = line.price === "" ? null : read(line.price);
    const quantity = plainNumber(line.quantity);
    const discount = plainNumber(line.discount || "0");
    if (minor === null || quantity === null || discount === null) return null;
    bodies.push({
      description: line.description.trim(),
      quantity,
      unit: line.unit,
      unit_price: { amount: minor, currency },
      discount,
      tax_rate_ids: line.taxes,
      product_id: line.product,
    });
  }
  return bodies;
}

function plainNumber(text: string): string | null {
  const plain = text.trim().replace(",", ".");
  return /^\d{1,12}(\.\d{1,6})?$/.test(plain) ? plain : null;
}

/** The lines of a stored draft, to write on. */
export function linesOf(invoice: Pick<InvoiceDetail, "lines">, write: (minor: number) => string): DraftLine[] {
  return invoice.lines.map((line) => ({
    ...emptyLine(),
    description: line.description,
    quantity: line.quantity,
    unit: line.unit,
    price: write(line.unit_price.amount),
    discount: line.discount === "0" ? "" : line.discount,
    taxes: line.taxes.map((tax) => tax.tax_rate_id),
    product: line.product_id,
  }));
}
