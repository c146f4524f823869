import { describe, expect, it } from "vitest";
import { isSameSearch, withoutView, withView } from "./views";

const late = { name: "Late", search: "?status=expired" };
const paid = { name: "Paid", search: "?status=paid" };

describe("saved views", () => {
  it("are kept by name, in the order of the alphabet", () => {
    expect(withView([paid], late)).toEqual([late, paid]);
  });

  it("give way to a new view of the same name", () => {
    const changed = { name: "Paid", search: "?status=paid&q=order" };
    expect(withView([late, paid], changed)).toEqual([late, changed]);
  });

  it("are forgotten one by one", () => {
    expect(withoutView([late, paid], "Late")).toEqual([paid]);
  });

  it("are recognised whatever the order of their filters", () => {
    expect(isSameSearch("?q=order&status=paid", "?status=paid&q=order")).toBe(true);
    expect(isSameSearch("?status=paid", "?status=failed")).toBe(false);
  });
});
