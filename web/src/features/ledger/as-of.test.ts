import { expect, test } from "vitest";
import { asOfQuery, asOfSearch } from "./as-of";

test("a day on record ends when the next one begins in the business's zone", () => {
  const asked = asOfQuery({ as_of: "2026-11-21", by: "recorded" }, "Asia/Jakarta");
  expect(asked).toEqual({ recorded_at: "2026-11-21T17:00:00.000Z" });
});

test("an effective day is asked for as it is", () => {
  expect(asOfQuery({ as_of: "2026-11-21", by: "" }, "Asia/Jakarta")).toEqual({ effective_on: "2026-11-21" });
});

test("without a day the balances of now are asked for and no address says anything", () => {
  expect(asOfQuery({ as_of: "", by: "recorded" }, "UTC")).toEqual({});
  expect(asOfSearch({ as_of: "", by: "recorded" })).toBe("");
});
