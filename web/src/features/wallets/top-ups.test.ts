import { describe, expect, it } from "vitest";
import { takesTopUps } from "./top-ups";

describe("top-ups", () => {
  it("are offered for the wallet that they credit, never for a purse beside it", () => {
    expect(takesTopUps({ purpose: "main" })).toBe(true);
    expect(takesTopUps({ purpose: "cashback" })).toBe(false);
  });
});
