import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, expect, it, vi } from "vitest";
import type { Me } from "@/features/identity/contract";
import { SessionContext } from "@/features/identity/session";
import { LanguageProvider } from "@/messages/provider";
import { Holds } from "./holds";

afterEach(() => vi.unstubAllGlobals());

const PAYOUT = {
  id: "hld_1",
  wallet_id: "wal_1",
  account_id: "acc_1",
  amount: { amount: 1_500_000, currency: "IDR" },
  state: "held",
  reason: "Payout to BCA",
  held_for: "po_7",
  placed_at: "2026-11-01T08:00:00Z",
  expires_at: null,
  version: 1,
};
const BY_HAND = { ...PAYOUT, id: "hld_2", reason: "order 7", held_for: null, expires_at: "2026-11-09T08:00:00Z" };

/** The holds of a wallet as the API answers them, to somebody who may do this. */
function show(answer: unknown, { status = 200, permissions = ["ledger:read"] } = {}) {
  const headers = { "Content-Type": status === 200 ? "application/json" : "application/problem+json" };
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(answer), { status, headers }));
  const me = { tenant: { time_zone: "UTC" }, permissions };
  return render(
    <LanguageProvider>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <SessionContext value={me as unknown as Me}>
          <Holds walletId="wal_1" />
        </SessionContext>
      </QueryClientProvider>
    </LanguageProvider>,
  );
}

const linkOf = (name: RegExp) => screen.getByRole("link", { name }).getAttribute("href");

it("says what money is held for, since when, until when and how much is left, with its postings", async () => {
  const { container } = show([PAYOUT]);
  await screen.findByText("Payout to BCA");
  expect(linkOf(/15,000/)).toBe("/ledger/account?id=acc_1");
  expect(linkOf(/Waits for its payout/)).toBe("/payouts/view?id=po_7");
  expect(container.textContent).toMatch(/since .*Nov.* · without an end/);
  expect(screen.getByText("Held")).toBeTruthy();
  expect((await axe.run(container)).violations).toEqual([]);
});

it("says until when money is held that nothing else ends", async () => {
  const { container } = show([BY_HAND]);
  await screen.findByText("order 7");
  expect(container.textContent).toMatch(/ · until .*Nov/);
  expect(screen.queryByText(/Waits for/)).toBeNull();
});

it("leads who may not read the books to the wallet's own history", async () => {
  show([PAYOUT], { permissions: [] });
  await screen.findByText("Payout to BCA");
  expect(linkOf(/15,000/)).toBe("/wallets/activity?id=wal_1&since=2026-11-01");
});

it("says that nothing is set aside", async () => {
  show([]);
  expect(await screen.findByText(/Nothing of this wallet is set aside/)).toBeTruthy();
});

it("says what went wrong and offers to try again", async () => {
  show({ title: "Try again", status: 503, code: "unavailable", retryable: true }, { status: 503 });
  expect(await screen.findByRole("alert")).toBeTruthy();
});
