import { expect, test } from "vitest";
import { monthBefore } from "./contract";

test("the month before a day is whole, also across a year and in a leap year", () => {
  expect(monthBefore(new Date("2026-11-21T23:00:00Z"))).toEqual(["2026-10-01", "2026-10-31"]);
  expect(monthBefore(new Date("2027-01-01T00:00:00Z"))).toEqual(["2026-12-01", "2026-12-31"]);
  expect(monthBefore(new Date("2028-03-31T00:00:00Z"))).toEqual(["2028-02-01", "2028-02-29"]);
});
