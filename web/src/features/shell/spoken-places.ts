"use client";

import { useTranslations } from "use-intl";
import type { Messages } from "@/messages/words";
import type { PlaceGroup } from "./navigation";

type Key = keyof Messages["places"];

const GROUPS: Record<string, Key> = { Wallet: "groupWallet", You: "groupYou" };
const PLACES: Record<string, Key> = {
  "/wallets/": "wallet",
  "/wallets/activity/": "activity",
  "/wallets/send/": "send",
  "/wallets/exchange/": "exchange",
  "/wallets/top-up/": "topUp",
  "/invoices/": "invoices",
  "/purchases/": "purchases",
  "/cashback/": "cashback",
  "/installments/": "installments",
  "/statements/": "statements",
  "/payouts/withdraw/": "withdraw",
  "/payouts/accounts/": "accounts",
  "/inbox/": "notices",
  "/account/": "account",
};

/** The places in the reader's language; those of the operators' console have their own names in English only. */
export function useSpokenPlaces(groups: PlaceGroup[]): PlaceGroup[] {
  const t = useTranslations("places");
  const named = (key: Key | undefined, name: string) => (key ? t(key) : name);
  // Who has the console finds the same addresses under other names.
  if (!groups.some((group) => group.name === "Wallet")) return groups;
  return groups.map((group) => ({
    name: named(GROUPS[group.name], group.name),
    places: group.places.map((place) => ({ ...place, name: named(PLACES[place.href], place.name) })),
  }));
}
