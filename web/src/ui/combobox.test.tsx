import { fireEvent, render as renderBare, screen } from "@testing-library/react";
import axe from "axe-core";
import { type ReactNode, useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { LanguageProvider } from "@/messages/provider";
import { type Choice, Combobox } from "./combobox";
import { Dialog } from "./dialog";

const render = (page: ReactNode) => renderBare(page, { wrapper: LanguageProvider });

const PEOPLE: Choice[] = [
  { key: "1", name: "Toko Maju", note: "maju@example.com" },
  { key: "2", name: "Toko Mundur" },
];

function Customers({ onChoose = () => {}, status }: { onChoose?: (choice: Choice) => void; status?: string }) {
  const [text, setText] = useState("");
  return (
    <Combobox
      aria-label="Customer"
      text={text}
      onText={setText}
      choices={status ? [] : PEOPLE}
      listLabel="Customers"
      onChoose={onChoose}
      status={status}
    />
  );
}

const field = () => screen.getByRole("combobox", { name: "Customer" });
const press = (key: string, options = {}) => fireEvent.keyDown(field(), { key, ...options });

describe("Combobox", () => {
  it("goes through what fits with the arrows, in a circle, and takes one with Enter", () => {
    const choose = vi.fn();
    render(<Customers onChoose={choose} />);
    press("ArrowDown");
    press("ArrowDown");
    const second = screen.getByRole("option", { name: "Toko Mundur" });
    expect(field().getAttribute("aria-activedescendant")).toBe(second.id);
    press("ArrowDown");
    press("Enter");
    expect(choose).toHaveBeenCalledWith(PEOPLE[0]);
    expect(screen.queryByRole("listbox")).toBeNull();
  });

  it("leaves Enter to its form while nothing is pointed at, and Ctrl Enter always", () => {
    const [choose, pressed] = [vi.fn(), vi.fn()];
    render(
      // biome-ignore lint/a11y/noStaticElementInteractions: it stands for the form around the field
      <div onKeyDown={({ key }) => key === "Enter" && pressed()}>
        <Customers onChoose={choose} />
      </div>,
    );
    fireEvent.change(field(), { target: { value: "to" } });
    press("Enter");
    press("ArrowDown");
    press("Enter", { ctrlKey: true });
    expect(pressed).toHaveBeenCalledTimes(2);
    expect(choose).not.toHaveBeenCalled();
  });

  it("closes its list with Escape and keeps the window around it open", () => {
    const close = vi.fn();
    render(
      <Dialog open onOpenChange={close} title="New deal">
        <Customers />
      </Dialog>,
    );
    press("ArrowDown");
    press("Escape");
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(close).not.toHaveBeenCalled();
    press("Escape");
    expect(close).toHaveBeenCalledWith(false);
  });

  it("says when nobody fits, also to who cannot see it", () => {
    render(<Customers status="Nobody is known by this" />);
    fireEvent.change(field(), { target: { value: "xy" } });
    expect(screen.getByRole("status").textContent).toBe("Nobody is known by this");
  });

  it("breaks no rule of accessibility with its list open", async () => {
    const { container } = render(<Customers />);
    press("ArrowDown");
    const { violations } = await axe.run(container, { rules: { region: { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});
