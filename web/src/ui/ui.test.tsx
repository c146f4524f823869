import { act, fireEvent, render as renderBare, screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { type ReactNode, StrictMode, Suspense, use } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import PageFailed from "@/app/error";
import { Problem } from "@/client/problem";
// Fetched beforehand, so that no test waits for it.
import "@/messages/ar";
import "@/messages/id";
import { KEPT_AS } from "@/messages/languages";
import { InEnglish, LanguageProvider } from "@/messages/provider";
import { Button } from "./button";
import { ConfirmMoney } from "./confirm-money";
import { ErrorState } from "./error-state";
import { TextField } from "./field";
import { shortId } from "./id";
import { Money } from "./money";
import { MoneyInput } from "./money-input";
import { SearchBox } from "./search-box";
import { State, toneOf } from "./state";

const render = (page: ReactNode) => renderBare(page, { wrapper: LanguageProvider });

describe("Money", () => {
  it("links to its postings and reads a negative amount aloud", () => {
    render(<Money value={{ amount: -1234, currency: "USD" }} href="/ledger/entry/?id=txn_1" />);
    const link = screen.getByRole("link", { name: "minus 12.34 USD" });
    expect(link.getAttribute("href")).toMatch(/^\/ledger\/entry\/?\?id=txn_1$/);
    expect(link.textContent).toContain("\u221212.34");
  });
});

describe("State", () => {
  it("always shows a word beside its icon", () => {
    const { container } = render(<State state="partially_refunded" />);
    expect(screen.getByText("Partially refunded")).toBeTruthy();
    expect(container.querySelector("svg")?.getAttribute("aria-hidden")).toBe("true");
  });

  it("does not guess a colour for a word it does not know", () => {
    expect(toneOf("something_new")).toBe("neutral");
    expect(toneOf("paid")).toBe("success");
    expect(toneOf("disputed")).toBe("held");
  });
});

describe("ConfirmMoney", () => {
  it("sends only itself when it is opened from a form", () => {
    const [sendForm, confirm] = [vi.fn((event) => event.preventDefault()), vi.fn()];
    render(
      <form onSubmit={sendForm}>
        <ConfirmMoney
          open
          title="Pay the supplier"
          amount={{ amount: 1234, currency: "USD" }}
          facts={[]}
          balances={[]}
          confirmLabel="Pay now"
          busy={false}
          problem={null}
          onConfirm={confirm}
          onClose={() => {}}
        />
      </form>,
    );
    fireEvent.click(screen.getByRole("button", { name: "Pay now" }));
    expect(confirm).toHaveBeenCalledTimes(1);
    expect(sendForm).not.toHaveBeenCalled();
  });
});

describe("SearchBox", () => {
  it("searches at once when it is left, and not again afterwards", () => {
    vi.useFakeTimers();
    const search = vi.fn();
    render(<SearchBox label="Reference" value="" onSearch={search} />);
    const field = screen.getByLabelText("Reference");
    fireEvent.change(field, { target: { value: "readme-1" } });
    expect(search).not.toHaveBeenCalled();
    fireEvent.blur(field);
    expect(search.mock.calls).toEqual([["readme-1"]]);
    vi.runAllTimers();
    expect(search).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });
});

describe("money in another currency", () => {
  it("is given anew, so that no form sends what it does not show", () => {
    const give = vi.fn();
    const { rerender } = render(<MoneyInput label="Amount" currency="IDR" onChange={give} />);
    fireEvent.change(screen.getByLabelText("Amount"), { target: { value: "75,000" } });
    expect(give).toHaveBeenLastCalledWith(7_500_000);
    rerender(<MoneyInput label="Amount" currency="JPY" onChange={give} />);
    expect(give).toHaveBeenLastCalledWith(75_000);
    expect(give).toHaveBeenCalledTimes(2);
    rerender(<MoneyInput label="Amount" currency="KWD" onChange={give} />);
    expect(give).toHaveBeenLastCalledWith(75_000_000);
  });
});

describe("ErrorState", () => {
  it.each([
    [true, "Money was moved."],
    [false, "No money was moved."],
    [null, "We do not know yet"],
  ])("says whether money moved (%s)", (moved, sentence) => {
    const problem = new Problem({ title: "Refused", request_id: "req_1", money_moved: moved, retryable: true }, 422);
    render(<ErrorState problem={problem} />);
    expect(screen.getByRole("alert").textContent).toContain(sentence);
    expect(screen.getByRole("button", { name: /Copy\s*req_1/ })).toBeTruthy();
  });

  it("does not speak of money to somebody who cannot even log in", () => {
    render(
      <ErrorState problem={new Problem({ title: "No answer from the server", money_moved: null }, 0)} isBeforeLogin />,
    );
    expect(screen.getByRole("alert").textContent).not.toContain("money");
  });
});

describe("another language", () => {
  afterEach(() => {
    localStorage.clear();
    document.documentElement.lang = "en";
    document.documentElement.dir = "ltr";
  });

  const refused = new Problem({ title: "Insufficient funds", detail: "2.00 USD", code: "insufficient_funds" }, 422);

  it("says a known refusal, whether money moved, and turns the page the way it is read", async () => {
    document.documentElement.lang = "ar";
    localStorage.setItem(KEPT_AS, "ar");
    render(<ErrorState problem={refused} />);
    const alert = await screen.findByText("الرصيد غير كافٍ.");
    expect(alert.closest("[role=alert]")?.textContent).toContain("لم يُنقل أي مال.");
    expect(document.documentElement.dir).toBe("rtl");
  });

  it("leaves a refusal it does not know to the server's words", async () => {
    document.documentElement.lang = "id";
    render(<ErrorState problem={new Problem({ title: "Something rare", code: "something_rare" }, 422)} />);
    expect((await screen.findByRole("alert")).textContent).toContain("Something rare");
    expect(await screen.findByText("Tidak ada uang yang berpindah.")).toBeTruthy();
  });

  it("stays away from what is for the operators", async () => {
    document.documentElement.lang = "ar";
    render(
      <InEnglish>
        <ErrorState problem={refused} />
      </InEnglish>,
    );
    expect((await screen.findByRole("alert")).textContent).toContain("Insufficient funds");
    await waitFor(() => expect(document.documentElement.dir).toBe("ltr"));
  });

  it("stays away when the operators go from one organisation to another", async () => {
    const at = (organisation: string) => (
      <StrictMode>
        <InEnglish key={organisation}>
          <p>{organisation}</p>
        </InEnglish>
      </StrictMode>
    );
    const { rerender } = render(at("Toko Sore"));
    await act(async () => rerender(at("Toko Wati")));
    expect(screen.getByText("Toko Wati")).toBeTruthy();
  });

  it("waits with the operators for a page whose code is still on its way", async () => {
    let comes: (code: unknown) => void = () => undefined;
    const code = new Promise((resolve) => {
      comes = resolve;
    });
    function Page() {
      use(code);
      return <p>Trial balance</p>;
    }
    await act(async () => {
      render(
        <Suspense fallback="On its way">
          <InEnglish>
            <Page />
          </InEnglish>
        </Suspense>,
      );
    });
    expect(screen.getByText("On its way")).toBeTruthy();
    await act(async () => comes(null));
    expect(screen.getByText("Trial balance")).toBeTruthy();
  });
});

describe("a page that fails", () => {
  it("says so, and can be loaded again", () => {
    render(<PageFailed />);
    expect(screen.getByRole("heading", { name: "This page failed to show" })).toBeTruthy();
    expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  });
});

describe("Button", () => {
  it("is locked while busy", () => {
    const onClick = vi.fn();
    render(
      <Button busy onClick={onClick}>
        Send
      </Button>,
    );
    fireEvent.click(screen.getByRole("button"));
    expect(onClick).not.toHaveBeenCalled();
  });
});

describe("MoneyInput", () => {
  it("gives minor units, and null for what is not an amount", () => {
    const onChange = vi.fn();
    render(<MoneyInput label="Amount" currency="JPY" onChange={onChange} />);
    fireEvent.change(screen.getByLabelText("Amount"), { target: { value: "1500" } });
    expect(onChange).toHaveBeenLastCalledWith(1500);
    fireEvent.change(screen.getByLabelText("Amount"), { target: { value: "1.5" } });
    expect(onChange).toHaveBeenLastCalledWith(null);
    expect(screen.getByText(/no decimals/)).toBeTruthy();
    fireEvent.change(screen.getByLabelText("Amount"), { target: { value: "\u0661\u0665\u0660\u0660" } });
    expect(onChange).toHaveBeenLastCalledWith(1500);
  });
});

describe("shortId", () => {
  it("keeps the prefix and the end", () => {
    expect(shortId("pay_01jx3s5v0q8e5t9m2w4r6y8zab")).toBe("pay_01jx3…6y8zab");
    expect(shortId("pay_1")).toBe("pay_1");
  });

  it("leaves a long word whole, for nothing in it is an id", () => {
    expect(shortId("received-not-billed")).toBe("received-not-billed");
  });
});

describe("accessibility", () => {
  it("finds nothing in a form with a wrong field", async () => {
    const { container } = render(
      <main>
        <TextField label="E-mail" error="Not an e-mail" />
        <MoneyInput label="Amount" currency="IDR" onChange={() => undefined} />
        <State state="paid" />
      </main>,
    );
    const { violations } = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map((violation) => violation.id)).toEqual([]);
  });
});
