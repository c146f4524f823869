import { expect, test } from "vitest";
import { priceOf } from "@/features/billing/draft";
import { type PriceList, usualPrice } from "./contract";

const list = (id: string, is_default: boolean): PriceList => ({
  id,
  name: id,
  currency: "IDR",
  tax_inclusive: false,
  is_default,
  status: "active",
});
const wholesale = { price_list: list("wholesale", false), amount: { amount: 16_000_000, currency: "IDR" } };
const standard = { price_list: list("standard", true), amount: { amount: 18_500_000, currency: "IDR" } };

test("what some customers pay is nobody else's price, also where there is no other", () => {
  expect(usualPrice({ prices: [wholesale] })).toBeNull();
  expect(usualPrice({ prices: [wholesale, standard] })).toBe(standard);
  expect(priceOf({ prices: [wholesale] }, "IDR", false, undefined)).toBeUndefined();
  expect(priceOf({ prices: [wholesale, standard] }, "IDR", false, undefined)).toBe(standard);
  expect(priceOf({ prices: [wholesale] }, "IDR", false, "pty_1")).toBe(wholesale);
});
