"use client";

import { useSession } from "@/features/identity/session";
import { PartyPicker } from "@/features/parties/party-picker";

/** A merchant collects for itself; everybody else says for whom. */
export function MerchantField() {
  const { party_id: own } = useSession();
  if (own !== null) return null;
  return <PartyPicker label="Merchant" name="merchant_id" among="merchant" required takesFirst />;
}
