import { stateWord } from "@/ui/state";
import type { Wallet } from "./contract";

/** What people call a wallet: its currency, and what it is for unless it is the everyday one. */
export function walletName({ currency, purpose }: Pick<Wallet, "currency" | "purpose">): string {
  return purpose === "main" ? currency : `${currency} · ${stateWord(purpose)}`;
}
