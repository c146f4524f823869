import { expect, test } from "vitest";
import { sharesOf, spread } from "./spread";

const invoices = [
  { id: "first", open: { amount: 300, currency: "IDR" } },
  { id: "second", open: { amount: 500, currency: "IDR" } },
];

test("money pays the longest due first and leaves the rest over", () => {
  expect(spread(1000, invoices, {})).toEqual({ first: 300, second: 500 });
  expect(spread(400, invoices, {})).toEqual({ first: 300, second: 100 });
});

test("what was typed stays and the others share what it leaves", () => {
  expect(spread(400, invoices, { second: 250 })).toEqual({ first: 150, second: 250 });
  expect(spread(400, invoices, { first: null })).toEqual({ first: 0, second: 400 });
});

test("an invoice that gets nothing is not named", () => {
  expect(sharesOf({ first: 0, second: 400 }, "IDR")).toEqual([
    { invoice_id: "second", amount: { amount: 400, currency: "IDR" } },
  ]);
});
