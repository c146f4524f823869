import { stateWord } from "@/ui/state";

const NAMES: Record<string, string> = {
  per_day: "Left today",
  per_month: "Left this month",
  balance: "Room for more",
};

/** What is left of a limit, in words. */
export function limitName(kind: string): string {
  return NAMES[kind] ?? stateWord(kind);
}
