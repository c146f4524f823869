"use client";

import type { Query } from "@/client/api";
import { type Listing, useList } from "@/client/queries";
import type { WalletLine } from "./contract";

export function useHistory(walletId: string, query: Query = {}): Listing<WalletLine> {
  return useList<WalletLine>(`/wallets/${encodeURIComponent(walletId)}/history`, query, walletId !== "");
}
