import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Me } from "@/features/identity/contract";
import { SessionContext } from "@/features/identity/session";
// Fetched beforehand, so that no test waits for it.
import "@/messages/ar";
import "@/messages/id";
import { KEPT_AS } from "@/messages/languages";
import { LanguageProvider } from "@/messages/provider";
import { LanguageField } from "./language-field";

const told = vi.fn();

beforeEach(() => {
  vi.stubGlobal("fetch", async (request: Request) => {
    told(request.method, new URL(request.url).pathname, await request.json());
    return new Response("{}", { headers: { "Content-Type": "application/json" } });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  told.mockClear();
  localStorage.clear();
});

async function choose(language: string, me: Partial<Me> | null) {
  render(
    <LanguageProvider>
      <SessionContext value={me as Me | null}>
        <LanguageField />
      </SessionContext>
    </LanguageProvider>,
  );
  fireEvent.change(screen.getByRole("combobox"), { target: { value: language } });
  await waitFor(() => expect(localStorage.getItem(KEPT_AS)).toBe(language));
  await waitFor(() => expect(document.documentElement.lang).toBe(language));
}

describe("choosing a language", () => {
  it("changes the notices of somebody logged in, where they are written in it", async () => {
    await choose("id", { role: "customer" });
    await waitFor(() => expect(told.mock.calls).toEqual([["PUT", "/api/v1/notice-settings", { language: "id" }]]));
    expect(screen.getByLabelText("Bahasa")).toBeTruthy();
  });

  it.each([
    ["ar", { role: "customer" }],
    ["id", null],
  ])("leaves the notices as they are otherwise (%s, %s)", async (language, me) => {
    await choose(language, me);
    expect(told).not.toHaveBeenCalled();
  });
});
