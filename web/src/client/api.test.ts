import { afterEach, describe, expect, it, vi } from "vitest";
import { api, setCsrfToken } from "./api";
import { Problem } from "./problem";

function answer(status: number, body: unknown) {
  const fetched = vi.fn(async (_request: Request) => Response.json(body, { status }));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

function sentBy(fetched: ReturnType<typeof answer>): Request {
  const [call] = fetched.mock.calls;
  if (!call) throw new Error("nothing was sent");
  return call[0];
}

afterEach(() => vi.unstubAllGlobals());

describe("api", () => {
  it("sends the token and the idempotency key with a write", async () => {
    const fetched = answer(201, { id: "trf_1" });
    setCsrfToken("token");
    await api.post("/transfers", { amount: 1 }, { idempotencyKey: "key", query: { dry_run: true } });
    const request = sentBy(fetched);
    expect(request.method).toBe("POST");
    expect(request.url).toMatch(/\/api\/v1\/transfers\?dry_run=true$/);
    expect(request.headers.get("X-CSRF-Token")).toBe("token");
    expect(request.headers.get("Idempotency-Key")).toBe("key");
    expect(await request.json()).toEqual({ amount: 1 });
  });

  it("leaves empty filters out of the address", async () => {
    const fetched = answer(200, { data: [] });
    await api.get("/payments", { status: "", q: null, limit: 25 });
    expect(sentBy(fetched).url).toMatch(/\/api\/v1\/payments\?limit=25$/);
  });

  it("throws a refusal as a problem", async () => {
    answer(422, { code: "insufficient_funds", title: "Not enough money", status: 422, money_moved: false });
    await expect(api.post("/transfers", {})).rejects.toMatchObject({ code: "insufficient_funds", moneyMoved: false });
  });

  it("says that nobody knows when no answer came to a write", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("network")));
    const lost = await api.post("/transfers", {}).catch((error: Problem) => error);
    expect(lost).toBeInstanceOf(Problem);
    expect(lost).toMatchObject({ code: "no_answer", moneyMoved: null, retryable: true });
  });

  it("tells the page when nobody is logged in", async () => {
    answer(401, { code: "unauthenticated" });
    const heard = vi.fn();
    window.addEventListener("specie:unauthenticated", heard);
    await api.get("/me").catch(() => null);
    expect(heard).toHaveBeenCalledOnce();
  });
});
