import { describe, expect, it } from "vitest";
import { monthEnds } from "./month-ends";

describe("monthEnds", () => {
  it("goes back from the last day that can be closed, over the turn of the year", () => {
    expect(monthEnds("2026-02-27", null, 3)).toEqual(["2026-01-31", "2025-12-31", "2025-11-30"]);
  });

  it("includes a month whose last day can be closed", () => {
    expect(monthEnds("2024-02-29", null, 1)).toEqual(["2024-02-29"]);
  });

  it("stops at what is closed", () => {
    expect(monthEnds("2026-03-31", "2026-01-31")).toEqual(["2026-03-31", "2026-02-28"]);
  });
});
