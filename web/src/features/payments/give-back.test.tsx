import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { LanguageProvider } from "@/messages/provider";
import { GiveBack } from "./give-back";

afterEach(() => vi.unstubAllGlobals());

const MOST = { amount: 1_500_000, currency: "IDR" };

it.each(["12x", "0"])("asks again about an amount of %s, which is not everything", (typed) => {
  const sent = vi.fn();
  vi.stubGlobal("fetch", sent);
  render(
    <LanguageProvider>
      <QueryClientProvider client={new QueryClient()}>
        <GiveBack
          action="Refund"
          title="Refund"
          path="/payments/pay_1/refunds"
          most={MOST}
          intro="Up to all of it"
          hint="Kept"
          shown={() => ({ amount: MOST, facts: [], balances: [], confirmLabel: "Refund" })}
        />
      </QueryClientProvider>
    </LanguageProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Refund" }));
  fireEvent.change(screen.getByLabelText(/^Amount/), { target: { value: typed } });
  fireEvent.click(screen.getByRole("button", { name: "Look before it happens" }));

  expect(screen.getByText("More than zero, or left empty for everything")).toBeTruthy();
  expect(sent).not.toHaveBeenCalled();
});
