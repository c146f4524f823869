import type { Schemas } from "@/client/schemas";

export type Product = Schemas["ProductOut"];
export type TaxRate = Schemas["TaxRateOut"];
export type ImportRun = Schemas["ProductImportRunOut"];
export type ImportRow = Schemas["ImportRowOut"];
export type ProductImport = Schemas["ProductImportOut"];

/** What a unit costs by the default list of the first currency that has one. */
export function usualPrice(product: Product): Product["prices"][number] | null {
  return product.prices.find((price) => price.price_list.is_default) ?? product.prices[0] ?? null;
}
