import { expect, test } from "vitest";
import type { LineBody } from "@/features/billing/draft";
import { discounted, readPercent } from "./discount";

const line = (discount: string): LineBody => ({
  description: "Coffee",
  quantity: "1",
  unit: "",
  unit_price: { amount: 1, currency: "IDR" },
  discount,
  tax_rate_ids: [],
  product_id: null,
});

test("a discount on the whole comes after the line's own", () => {
  expect(discounted([line("10")], 50_000)).toEqual([line("14.5000")]);
  expect(discounted([line("33.3333")], 0)).toEqual([line("33.3333")]);
  expect(discounted(null, 5)).toBeNull();
});

test("what is no percentage is not read", () => {
  expect(readPercent("7,5")).toBe(75_000);
  expect(readPercent("100")).toBeNull();
  expect(readPercent("x")).toBeNull();
});
