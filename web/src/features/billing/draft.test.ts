import { expect, test } from "vitest";
import { bodyOf, emptyLine } from "./draft";

const read = (text: string) => (/^\d+$/.test(text) ? Number(text) * 100 : null);

test("a line without a description is left out, one that cannot be read stops the whole", () => {
  const written = { ...emptyLine(), description: " Beans ", quantity: "2,5", price: "10" };
  expect(bodyOf([written, emptyLine()], "IDR", read)).toEqual([
    {
      description: "Beans",
      quantity: "2.5",
      unit: "",
      unit_price: { amount: 1000, currency: "IDR" },
      discount: "0",
      tax_rate_ids: [],
      product_id: null,
    },
  ]);
  expect(bodyOf([{ ...written, price: "ten" }], "IDR", read)).toBeNull();
  expect(bodyOf([{ ...written, quantity: "-1" }], "IDR", read)).toBeNull();
});

test("a new line bears the taxes of the one before", () => {
  expect(emptyLine({ ...emptyLine(), taxes: ["tax_1"] }).taxes).toEqual(["tax_1"]);
});
