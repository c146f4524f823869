import type { Fact } from "@/ui/sheet";
import { When } from "@/ui/when";

/** What is said of money that waits for a second person. */
export function waitingFacts(expiresAt: string): Fact[] {
  return [
    ["What happens", "Nothing moves until somebody else says yes"],
    ["Runs out", <When key="expires" at={expiresAt} />],
  ];
}
