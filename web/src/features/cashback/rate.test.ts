import { describe, expect, it } from "vitest";
import { percentOfRate, rateOfPercent } from "./rate";

describe("percent and rate", () => {
  it("are the same number, written exactly", () => {
    const pairs: [string, string][] = [
      ["5", "0.05"],
      ["2.5", "0.025"],
      ["0.01", "0.0001"],
      ["12.3456", "0.123456"],
      ["50", "0.5"],
      ["100", "1"],
    ];
    for (const [percent, rate] of pairs) {
      expect(rateOfPercent(percent)).toBe(rate);
      expect(percentOfRate(rate)).toBe(`${percent}%`);
    }
    expect(rateOfPercent("2,5")).toBe("0.025");
  });

  it("refuse what is no percent", () => {
    for (const text of ["", "0", "0.0", "101", "100.1", "-1", "five", "1.23456"])
      expect(rateOfPercent(text)).toBeNull();
  });
});
