import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { useUrlState } from "./url-state";

const replace = vi.fn();
const router = { replace };
const shown = new URLSearchParams("as_of=2020-01-01");

vi.mock("next/navigation", () => ({
  usePathname: () => "/ledger/",
  useRouter: () => router,
  useSearchParams: () => shown,
}));

const DEFAULTS = { as_of: "", by: "" };

it("keeps what was changed before, while the address has not followed yet", () => {
  const { result } = renderHook(() => useUrlState(DEFAULTS));
  act(() => result.current[1]({ as_of: "2099-01-01" }));
  act(() => result.current[1]({ by: "recorded" }));
  expect(replace).toHaveBeenLastCalledWith("/ledger/?as_of=2099-01-01&by=recorded", { scroll: false });
});
