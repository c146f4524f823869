import { expect, test } from "vitest";
import { rhythmOf } from "./recurring";

test("a rhythm is said in words", () => {
  expect(rhythmOf({ unit: "month", every: 1 })).toBe("Every month");
  expect(rhythmOf({ unit: "week", every: 2 })).toBe("Every 2 weeks");
});
