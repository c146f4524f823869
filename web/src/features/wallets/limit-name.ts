import { stateWord } from "@/ui/state";

const NAMES: Record<string, string> = {
  day: "Left today",
  month: "Left this month",
  room: "Room for more",
  balance: "Room for more",
};

/** What is left of a limit, in words. */
export function limitName(kind: string): string {
  return NAMES[kind] ?? stateWord(kind);
}
