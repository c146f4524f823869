import { expect, test } from "vitest";
import { progressOf } from "./contract";

test("an order is received by its goods and billed by all its lines", () => {
  const line = { quantity: "10", received: "10", billed: "4", is_goods: true };
  const freight = { quantity: "1", received: "0", billed: "1", is_goods: false };
  expect(progressOf([line, freight])).toEqual({ received: "1 of 1", billed: "1 of 2" });
});
