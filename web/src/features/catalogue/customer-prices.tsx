"use client";

import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";
import type { PriceList, PriceLists } from "./contract";

/** By which price lists a customer buys; nothing where a business has only its standard prices. */
export function CustomerPrices({ partyId }: { partyId: string }) {
  const can = useCan();
  const act = useAction();
  const all = useThing<PriceLists>("/price-lists");
  const own = useThing<PriceLists>(`/customer-price-lists/${partyId}`);
  const lists = all.data?.data ?? [];
  if (!own.data || lists.every((list) => list.is_default)) return null;
  const choose = (currency: string, id: string) =>
    act.run(() => api.put(`/customer-price-lists/${partyId}/${currency}`, { price_list_id: id || null }));
  return (
    <Sheet title="Prices">
      <div className="space-y-4">
        {currenciesOf(lists).map((currency) => (
          <SelectField
            key={currency}
            label={`Price list in ${currency}`}
            value={own.data.data.find((list) => list.currency === currency)?.id ?? ""}
            disabled={!can("catalogue:write") || act.busy}
            onChange={(event) => choose(currency, event.target.value)}
            hint="For what is written from now on"
          >
            <option value="">Standard</option>
            {lists
              .filter((list) => list.currency === currency && !list.is_default)
              .map((list) => (
                <option key={list.id} value={list.id}>
                  {list.name}
                </option>
              ))}
          </SelectField>
        ))}
        {act.problem && <ErrorState problem={act.problem} />}
      </div>
    </Sheet>
  );
}

const currenciesOf = (lists: PriceList[]) =>
  [...new Set(lists.filter((list) => !list.is_default).map((list) => list.currency))].sort();
