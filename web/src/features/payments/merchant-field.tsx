"use client";

import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useSession } from "@/features/identity/session";
import { SelectField } from "@/ui/field";

/** A merchant collects for itself; everybody else says for whom. */
export function MerchantField() {
  const { party_id: own } = useSession();
  const merchants = useList<Schemas["PartyOut"]>("/parties", { role: "merchant", limit: 100 }, own === null);
  if (own !== null) return null;
  const hasNone = !merchants.isLoading && !merchants.error && merchants.rows.length === 0;
  return (
    <SelectField
      label="Merchant"
      name="merchant_id"
      required
      hint={hasNone ? "There is no merchant yet; the first steps on the home page add one" : undefined}
    >
      {merchants.rows.map((party) => (
        <option key={party.id} value={party.id}>
          {party.name ?? party.id}
        </option>
      ))}
    </SelectField>
  );
}
