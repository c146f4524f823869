import type { Schemas } from "@/client/schemas";

export type Product = Schemas["ProductOut"];
export type TaxRate = Schemas["TaxRateOut"];
export type ImportRun = Schemas["ProductImportRunOut"];
export type ImportRow = Schemas["ImportRowOut"];
export type ProductImport = Schemas["ProductImportOut"];

export type PriceLists = Schemas["PriceListsOut"];
export type PriceList = PriceLists["data"][number];

/** What a unit costs by the default list of the first currency that has one; the price of some customers is not usual. */
export function usualPrice(product: Pick<Product, "prices">): Product["prices"][number] | null {
  return product.prices.find((price) => price.price_list.is_default) ?? null;
}

/** What a unit costs by a list, where the list has a price for it. */
export function priceIn(product: Pick<Product, "prices">, listId: string): Product["prices"][number] | undefined {
  return product.prices.find(({ price_list }) => price_list.id === listId);
}
