import type { ReactNode } from "react";

/** Room for a table that may be wider than a phone: it scrolls by itself, with the keyboard too. */
export function WideTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    // What is hidden from view is placed absolutely and must stay inside, or the page itself grows wider.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keyboard.
    <section className="relative overflow-x-auto" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
