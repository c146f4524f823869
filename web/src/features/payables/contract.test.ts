import { expect, test } from "vitest";
import { type Bill, bySupplier, progressOf } from "./contract";

test("an order is received by its goods and billed by all its lines", () => {
  const line = { quantity: "10", received: "10", billed: "4", is_goods: true };
  const freight = { quantity: "1", received: "0", billed: "1", is_goods: false };
  expect(progressOf([line, freight])).toEqual({ received: "1 of 1", billed: "1 of 2" });
});

test("bills to pay stand by supplier and currency, the longest due first, the chosen one's supplier at the top", () => {
  const bill = (id: string, supplier: string, due: string, currency = "IDR") =>
    ({ id, supplier_id: supplier, due_on: due, owed: { amount: 1, currency } }) as Bill;
  const bills = [bill("a", "x", "2026-12-02"), bill("b", "y", "2026-12-05"), bill("c", "x", "2026-12-01")];
  const ids = (first: string | null) =>
    bySupplier([...bills, bill("d", "x", "2026-12-09", "USD")], first).map((group) => group.map((each) => each.id));
  expect(ids(null)).toEqual([["c", "a"], ["b"], ["d"]]);
  expect(ids("b")).toEqual([["b"], ["c", "a"], ["d"]]);
});
