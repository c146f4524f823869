import { stateWord } from "@/ui/state";

/** What a delivery's state is called; `dead` is our word for one that is tried no more. */
export function deliveryWord(state: string): string {
  return state === "dead" ? "Given up" : stateWord(state);
}
