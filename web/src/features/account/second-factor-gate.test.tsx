import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, expect, it, vi } from "vitest";
import type { Me } from "@/features/identity/contract";
import { SessionContext } from "@/features/identity/session";
import { LanguageProvider } from "@/messages/provider";
import { SecondFactorGate } from "./second-factor-gate";

vi.mock("next/navigation", () => ({ useRouter: () => ({ replace: vi.fn() }) }));

const OWNER = { tenant: { name: "Kopi" }, memberships: [{}, {}], user: {}, role: "owner" };

afterEach(() => vi.unstubAllGlobals());

function page(missing: boolean) {
  return (
    <LanguageProvider>
      <QueryClientProvider client={new QueryClient()}>
        <SessionContext value={{ ...OWNER, second_factor_missing: missing } as unknown as Me}>
          <SecondFactorGate>
            <p>The books</p>
          </SecondFactorGate>
        </SessionContext>
      </QueryClientProvider>
    </LanguageProvider>
  );
}

it("opens everything to whoever misses nothing", () => {
  render(page(false));
  expect(screen.getByText("The books")).toBeTruthy();
});

it("keeps everything back until a second factor is set up and its recovery codes are kept", async () => {
  const answers: Record<string, object> = {
    "/api/v1/auth/totp/enrol": { seed: "ABCDEFGH", uri: "otpauth://", qr_svg: "<svg/>" },
    "/api/v1/auth/totp/confirm": { recovery_codes: ["first-code", "second-code"] },
  };
  vi.stubGlobal("fetch", async (request: Request) => {
    const answer = answers[new URL(request.url).pathname] ?? {};
    return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json" } });
  });
  const { container, rerender } = render(page(true));
  expect(screen.queryByText("The books")).toBeNull();
  expect(screen.getByRole("link", { name: "Work somewhere else" })).toBeTruthy();
  expect((await axe.run(container, { rules: { region: { enabled: false } } })).violations).toEqual([]);

  fireEvent.click(screen.getByRole("button", { name: "Switch on" }));
  fireEvent.change(await screen.findByLabelText(/^Code/), { target: { value: "123456" } });
  fireEvent.click(screen.getByRole("button", { name: "Confirm" }));
  expect(await screen.findByText(/second-code/)).toBeTruthy();

  // The server says by now that nothing is missing; the codes stay until they are kept.
  rerender(page(false));
  expect(screen.queryByText("The books")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "I have kept them" }));
  expect(screen.getByText("The books")).toBeTruthy();
});
