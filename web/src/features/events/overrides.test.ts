import { expect, test } from "vitest";
import { overridesOf } from "./overrides";

test("values are read by name, and a value may have several words", () => {
  expect(overridesOf(" amount=1500  name=Tri Utami currency=JPY ")).toEqual({
    amount: "1500",
    name: "Tri Utami",
    currency: "JPY",
  });
  expect(overridesOf("")).toEqual({});
  expect(overridesOf("nothing named")).toEqual({});
});
