import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, expect, it, vi } from "vitest";
import type { Me } from "@/features/identity/contract";
import { SessionContext } from "@/features/identity/session";
import { LanguageProvider } from "@/messages/provider";
import { MembersPage } from "./members-page";

vi.mock("next/navigation", () => ({
  useRouter: () => ({ replace: vi.fn() }),
  usePathname: () => "/account/members/",
  useSearchParams: () => new URLSearchParams(),
}));

const OWNER = {
  tenant: { name: "Kopi", mode: "live", time_zone: "UTC" },
  memberships: [{}],
  user: { id: "usr_1" },
  role: "owner",
  permissions: ["members:read", "members:write"],
};

const MEMBERS = [member("1", "Sri", true), member("2", "Fitri", true), member("3", "Budi", false)];

function member(id: string, name: string, hasFactor: boolean) {
  const user = { id: `usr_${id}`, name, email: `${name}@kopi.example`, totp_enabled: hasFactor };
  return { id: `mbr_${id}`, user, role: "owner", party_id: null, created_at: "2026-11-01T08:00:00Z" };
}

afterEach(() => vi.unstubAllGlobals());

it("lets others in again who have a second factor, after saying what that means", async () => {
  const sent: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(`${request.method} ${new URL(request.url).pathname}`);
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    const page = { data: MEMBERS, has_more: false, next_cursor: null };
    return new Response(JSON.stringify(page), { headers: { "Content-Type": "application/json" } });
  });
  const { container } = render(
    <LanguageProvider>
      <QueryClientProvider client={new QueryClient()}>
        <SessionContext value={OWNER as unknown as Me}>
          <MembersPage />
        </SessionContext>
      </QueryClientProvider>
    </LanguageProvider>,
  );
  const button = await screen.findByRole("button", { name: /Remove second factor/ });
  expect(button.textContent).toContain("Fitri");
  expect((await axe.run(container, { rules: { region: { enabled: false } } })).violations).toEqual([]);

  fireEvent.click(button);
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/logged out everywhere and told by mail/)).toBeTruthy();
  fireEvent.click(dialog.getByRole("button", { name: "Remove it" }));
  await waitFor(() => expect(sent).toContain("DELETE /api/v1/members/mbr_2/second-factor"));
});
