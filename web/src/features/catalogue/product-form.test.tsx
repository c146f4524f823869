import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Me } from "@/features/identity/contract";
import { SessionContext } from "@/features/identity/session";
import { LanguageProvider } from "@/messages/provider";
import type { Product } from "./contract";
import { ProductForm } from "./product-form";

afterEach(() => vi.unstubAllGlobals());

const STAFF = { tenant: { name: "Kopi" }, permissions: ["catalogue:write"], user: {} };
const COFFEE = {
  id: "prd_1",
  kind: "product",
  name: "Kopi",
  sku: "K-1",
  unit: "bag",
  status: "active",
  version: 1,
  tax_rate_ids: [],
  prices: [
    {
      price_list: {
        id: "prl_1",
        name: "Standard",
        currency: "IDR",
        tax_inclusive: false,
        is_default: true,
        status: "active",
      },
      amount: { amount: 18_500_000, currency: "IDR" },
    },
  ],
} as unknown as Product;

it("takes no minor units of one currency for those of another", async () => {
  const bodies: unknown[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    bodies.push(await request.json());
    return new Response("{}", { headers: { "Content-Type": "application/json" } });
  });
  const done = vi.fn();
  render(
    <LanguageProvider>
      <QueryClientProvider client={new QueryClient()}>
        <SessionContext value={STAFF as unknown as Me}>
          <ProductForm known={COFFEE} rates={[]} onDone={done} />
        </SessionContext>
      </QueryClientProvider>
    </LanguageProvider>,
  );
  fireEvent.change(screen.getByLabelText("Currency"), { target: { value: "JPY" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));

  await vi.waitFor(() => expect(done).toHaveBeenCalled());
  expect(bodies).toEqual([expect.objectContaining({ price: null })]);
});
