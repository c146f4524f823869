import { describe, expect, it } from "vitest";
import { IdempotencyKey, newUuid } from "./idempotency";
import { lostAnswer, Problem } from "./problem";

describe("idempotency key", () => {
  it("is a version 4 UUID", () => {
    expect(newUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("stays while the answer is missing", () => {
    const key = new IdempotencyKey();
    const first = key.for({ amount: 1 });
    key.settle(lostAnswer(false));
    expect(key.for({ amount: 1 })).toBe(first);
  });

  it("is new for other input", () => {
    const key = new IdempotencyKey();
    expect(key.for({ amount: 2 })).not.toBe(key.for({ amount: 1 }));
  });

  it("is new after a decision, since the stored answer would come again", () => {
    const key = new IdempotencyKey();
    const first = key.for({ amount: 1 });
    key.settle(new Problem({ code: "insufficient_funds" }, 422));
    const second = key.for({ amount: 1 });
    key.settle(null);
    expect(new Set([first, second, key.for({ amount: 1 })]).size).toBe(3);
  });
});
