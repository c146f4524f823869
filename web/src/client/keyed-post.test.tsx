import { renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useKeyedPost } from "./keyed-post";

type Answers = (() => Promise<Response>)[];

const lost = () => Promise.reject(new TypeError("the network is gone"));
const refused = async () => Response.json({ code: "insufficient_funds" }, { status: 422 });
const done = async () => Response.json({ id: "trf_1" }, { status: 201 });

/** Asks for the same thing once for each answer; the keys it was asked under. */
async function keysOf(answers: Answers): Promise<(string | null)[]> {
  const keys: (string | null)[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    keys.push(request.headers.get("Idempotency-Key"));
    return answers[keys.length - 1]?.();
  });
  const { result } = renderHook(() => useKeyedPost());
  for (const _ of answers) await result.current("/transfers", { amount: 1 }).catch(() => undefined);
  return keys;
}

afterEach(() => vi.unstubAllGlobals());

describe("a keyed post", () => {
  it("asks again under the same key while nobody knows what happened", async () => {
    const [first, second] = await keysOf([lost, done]);
    expect(first).toBeTruthy();
    expect(second).toBe(first);
  });

  it("asks under a new key after a refusal, which would otherwise be repeated", async () => {
    const [first, second] = await keysOf([refused, done]);
    expect(second).not.toBe(first);
  });

  it("asks under a new key after it was done, since the same once more is meant", async () => {
    const [first, second] = await keysOf([done, done]);
    expect(second).not.toBe(first);
  });
});
