import { expect, test } from "vitest";
import { periodAround, periodBefore } from "./periods";

test("a period is the whole month, quarter or year around a day", () => {
  expect(periodAround("2024-02-11", "month")).toEqual({ since: "2024-02-01", until: "2024-02-29" });
  expect(periodAround("2026-11-21", "quarter")).toEqual({ since: "2026-10-01", until: "2026-12-31" });
  expect(periodAround("2026-11-21", "year")).toEqual({ since: "2026-01-01", until: "2026-12-31" });
});

test("the period before is as long: whole months before whole months, days before days", () => {
  expect(periodBefore({ since: "2026-03-01", until: "2026-03-31" })).toEqual({
    since: "2026-02-01",
    until: "2026-02-28",
  });
  expect(periodBefore({ since: "2026-01-01", until: "2026-12-31" })).toEqual({
    since: "2025-01-01",
    until: "2025-12-31",
  });
  expect(periodBefore({ since: "2026-11-10", until: "2026-11-16" })).toEqual({
    since: "2026-11-03",
    until: "2026-11-09",
  });
});
