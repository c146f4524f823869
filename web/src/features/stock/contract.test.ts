import { describe, expect, it } from "vitest";
import { bodyOf, type Draft, withProduct } from "./contract";

const COFFEE = { id: "prd_1", name: "Coffee", unit: "bag" };
const draft: Draft = {
  warehouse: "whs_1",
  target: "whs_2",
  direction: "out",
  day: "",
  note: "",
  lines: [{ product_id: "prd_1", name: "Coffee", unit: "bag", quantity: "2.5", cost: 150 }],
};
const goods = { product_id: "prd_1", quantity: "2.5" };

describe("a movement", () => {
  it("counts a second scan as one more, without losing a fraction", () => {
    const once = withProduct([], COFFEE);
    expect(withProduct(once, COFFEE).map((line) => line.quantity)).toEqual(["2"]);
    expect(withProduct(draft.lines, COFFEE)[0]?.quantity).toBe("3.5");
  });

  it("carries a cost only where goods come in", () => {
    const cost = { unit_cost: { amount: 150, currency: "EUR" } };
    expect(bodyOf("receive", draft, "EUR")).toMatchObject({ lines: [{ ...goods, ...cost }] });
    expect(bodyOf("deliver", draft, "EUR")).toMatchObject({ lines: [goods] });
    expect(bodyOf("giveBack", draft, "EUR")).toMatchObject({ warehouse_id: "whs_1", lines: [goods] });
    expect(bodyOf("adjust", draft, "EUR")).toMatchObject({ direction: "out", goods });
    expect(bodyOf("adjust", { ...draft, direction: "in" }, "EUR")).toMatchObject({ goods: { ...goods, ...cost } });
    expect(bodyOf("transfer", draft, "EUR")).toMatchObject({ to_warehouse_id: "whs_2", lines: [goods] });
  });
});
