import { useStateWord } from "@/ui/state";
import type { Wallet } from "./contract";

type Named = Pick<Wallet, "currency" | "purpose">;

/** What people call a wallet: its currency, and what it is for unless it is the everyday one. */
export function useWalletName(): (wallet: Named) => string {
  const wordOf = useStateWord();
  return ({ currency, purpose }) => (purpose === "main" ? currency : `${currency} · ${wordOf(purpose)}`);
}
