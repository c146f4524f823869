import type { ReactNode } from "react";

/** Text of any length in a list: it breaks wherever it must, so that it pushes no other column out of sight. */
export function Wrapped({ children }: { children: ReactNode }) {
  return <span className="block sm:min-w-24 [overflow-wrap:anywhere]">{children}</span>;
}
