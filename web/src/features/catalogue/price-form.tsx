"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { MoneyInput } from "@/ui/money-input";
import { type PriceList, type Product, priceIn } from "./contract";

type Props = { product: Product; list: PriceList; onDone: () => void };

/** What a unit of a product costs by a list: said, changed, or taken out of it. */
export function PriceForm({ product, list, onDone }: Props) {
  const act = useAction();
  const known = priceIn(product, list.id);
  const [minor, setMinor] = useState<number | null>(known?.amount.amount ?? null);
  const path = `/products/${product.id}/prices/${list.id}`;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = { amount: { amount: minor, currency: list.currency } };
    if (await act.run(() => api.put(path, body))) onDone();
  }

  const remove = async () => {
    if (await act.run(() => api.delete(path))) onDone();
  };

  return (
    <form onSubmit={submit} className="space-y-4">
      <MoneyInput
        label={`Price for one ${product.unit}`}
        currency={list.currency}
        initial={known?.amount.amount ?? 0}
        onChange={setMinor}
        error={act.problem?.messageFor("amount")}
        hint={list.tax_inclusive ? "With tax" : "Before tax"}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" type="submit" busy={act.busy} disabled={minor === null} className="flex-1">
          Save the price
        </Button>
        {known && (
          <Button busy={act.busy} onClick={() => void remove()}>
            Take out of the list
          </Button>
        )}
      </div>
    </form>
  );
}
