"use client";

import { useSession } from "@/features/identity/session";
import { useName } from "@/features/names/use-name";
import type { Wallet } from "./contract";
import { useWalletName } from "./wallet-name";

/** What a wallet is called: among the wallets of many owners, the owner's name comes first. */
export function WalletTitle({ wallet }: { wallet: Wallet }) {
  const nameOf = useWalletName();
  const { party_id: own } = useSession();
  const owner = useName(wallet.party_id === own ? null : wallet.party_id);
  return owner ? `${owner} · ${nameOf(wallet)}` : nameOf(wallet);
}
