import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, expect, it, vi } from "vitest";
import type { Me } from "@/features/identity/contract";
import { SessionContext } from "@/features/identity/session";
import { LanguageProvider } from "@/messages/provider";
import type { Dispute } from "./contract";
import { DisputeSheet } from "./dispute-sheet";

vi.mock("next/navigation", () => ({ useRouter: () => ({ replace: vi.fn() }) }));

const AMOUNT = { amount: 240_000_000, currency: "IDR" };
const FINANCE = { user: { id: "usr_1", name: "Fitri" }, permissions: ["payments:manage", "approvals:read"] };
const DISPUTE = { id: "dsp_1", status: "open", amount: AMOUNT, fee: AMOUNT, opened_at: "2026-11-01T08:00:00Z" };
const NOT_YET = { submitted_at: null, accepted_at: null, files: [] };
const ASKED = {
  ...{ id: "apr_1", kind: "dispute_acceptance", subject: { kind: "dispute", id: "dsp_1" }, amount: AMOUNT },
  ...{ asked_by: "user:usr_2", asked_by_name: "Budi", asked_at: "2026-11-01T09:00:00Z" },
  ...{ expires_at: "2026-11-08T09:00:00Z", can_decide: true },
};

afterEach(() => vi.unstubAllGlobals());

function show(waiting: object[]) {
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const isAbout = pathname === "/api/v1/approvals" && search.includes("subject_id=dsp_1");
    const page = { data: isAbout ? waiting : [], has_more: false, next_cursor: null };
    return new Response(JSON.stringify(page), { headers: { "Content-Type": "application/json" } });
  });
  return render(
    <LanguageProvider>
      <QueryClientProvider client={new QueryClient()}>
        <SessionContext value={FINANCE as unknown as Me}>
          <DisputeSheet dispute={{ ...DISPUTE, ...NOT_YET } as unknown as Dispute} />
        </SessionContext>
      </QueryClientProvider>
    </LanguageProvider>,
  );
}

it("says that accepting waits, who asked and who may decide, and does not ask twice", async () => {
  const { container } = show([ASKED]);
  const waits = await screen.findByRole("region", { name: "Accepting waits" });
  expect(waits.textContent).toContain("Asked by Budi");
  expect(waits.textContent).toContain("You or anybody else who may approve has until");
  expect(screen.queryByRole("button", { name: "Accept the dispute" })).toBeNull();
  expect((await axe.run(container, { rules: { region: { enabled: false } } })).violations).toEqual([]);
});

it("lets a dispute be accepted when nobody has asked for it", async () => {
  show([]);
  expect(await screen.findByRole("button", { name: "Accept the dispute" })).toBeTruthy();
  expect(screen.queryByRole("region", { name: "Accepting waits" })).toBeNull();
});
