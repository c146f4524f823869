import { describe, expect, it } from "vitest";
import { readState, writeState } from "./url-state";

const DEFAULTS = { status: "", q: "", depth: "3" };

describe("url state", () => {
  it("reads what the address says and fills in the rest", () => {
    expect(readState(new URLSearchParams("q=sari&other=1"), DEFAULTS)).toEqual({ status: "", q: "sari", depth: "3" });
  });

  it("leaves defaults out, so one view has one address", () => {
    expect(writeState(new URLSearchParams("q=old"), { ...DEFAULTS, q: "a b" }, DEFAULTS)).toBe("?q=a+b");
    expect(writeState(new URLSearchParams("q=old"), DEFAULTS, DEFAULTS)).toBe("");
  });

  it("keeps parameters that belong to others", () => {
    expect(writeState(new URLSearchParams("id=pay_1"), { ...DEFAULTS, status: "paid" }, DEFAULTS)).toBe(
      "?id=pay_1&status=paid",
    );
  });
});
