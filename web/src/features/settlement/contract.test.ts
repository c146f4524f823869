import { describe, expect, it } from "vitest";
import { percentOf, rateOf } from "./contract";

describe("rates as percent", () => {
  it("says a rate as people write it", () => {
    expect(["0", "1", "0.05", "0.125", "0.00000001"].map(percentOf)).toEqual(["0", "100", "5", "12.5", "0.000001"]);
  });

  it("reads what people write, with a comma too", () => {
    expect(["0", "100", "5", "12.5", "12,5", "0.000001"].map(rateOf)).toEqual([
      ...["0", "1", "0.05", "0.125", "0.125", "0.00000001"],
    ]);
  });

  it("refuses what is no part of one", () => {
    expect(["", "101", "-1", "five", "1e2"].map(rateOf)).toEqual([null, null, null, null, null]);
  });
});
