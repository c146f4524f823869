import { describe, expect, it } from "vitest";
import { safeNext } from "@/features/identity/session";
import { currentPlace, placesFor } from "./navigation";
import { pageOfId } from "./page-of-id";

describe("navigation", () => {
  it("shows only places the permissions open", () => {
    const names = placesFor("viewer", ["payments:read"]).flatMap((group) => group.places.map((place) => place.name));
    expect(names).toContain("Payments");
    expect(names).not.toContain("Books");
  });

  it("gives a customer the wallet and nothing of the books", () => {
    const places = placesFor("customer", ["wallets:read", "ledger:read"]).flatMap((group) => group.places);
    expect(places.every((place) => !place.href.startsWith("/ledger"))).toBe(true);
  });

  it("marks the longest place an address begins with", () => {
    const groups = placesFor("owner", ["ledger:read"]);
    expect(currentPlace("/ledger/trial-balance/", groups)?.name).toBe("Trial balance");
    expect(currentPlace("/ledger/account/", groups)?.name).toBe("Books");
  });

  it("gives no two places of a role the same key", () => {
    const everything = [
      "ledger",
      "payments",
      "wallets",
      "audit",
      "requests",
      "events",
      "webhooks",
      "providers",
      "payouts",
      "settlements",
      "api_keys",
    ];
    const more = ["payments:manage", "kyc:review", "sandbox:clock"];
    const keys = placesFor("owner", [...everything.map((what) => `${what}:read`), ...more])
      .flatMap((group) => group.places)
      .flatMap((place) => place.go ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("page of an id", () => {
  it("knows where a thing is shown", () => {
    expect(pageOfId(" pay_01jx3s5v0q8e5t9m2w4r6y8zab ")).toBe("/payments/view/?id=pay_01jx3s5v0q8e5t9m2w4r6y8zab");
    expect(pageOfId("nothing")).toBeNull();
  });
});

describe("the page after logging in", () => {
  it("is never on another site", () => {
    expect(safeNext("/payments/?q=1")).toBe("/payments/?q=1");
    expect(safeNext("//evil.test")).toBe("/");
    expect(safeNext("/\\evil.test")).toBe("/");
    expect(safeNext("https://evil.test")).toBe("/");
    expect(safeNext(null)).toBe("/");
  });
});
