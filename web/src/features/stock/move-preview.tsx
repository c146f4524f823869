"use client";

import { Money } from "@/ui/money";
import { stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Moved, Warehouse } from "./contract";

/** What a movement would do: stock and value after it, and the days gone by that it would change. */
export function MovePreview({ moved, warehouses }: { moved: Moved; warehouses: Warehouse[] }) {
  const names = new Map(warehouses.map((each) => [each.id, each.name]));
  return (
    <section aria-label="What would change" className="space-y-3 rounded-md border border-rule p-4">
      <p className="font-medium">
        {moved.movements.length > 0 ? "Nothing has been moved yet" : "Everything agrees: nothing would move"}
      </p>
      <ul className="space-y-2 text-sm">
        {moved.movements.map((each) => (
          <li key={each.id} className="flex flex-wrap items-baseline justify-between gap-2">
            <span>
              {each.product_name}: <span className="figures">{signed(each.quantity)}</span>, then{" "}
              <span className="figures">{signed(each.on_hand, false)}</span> {each.unit}
              <span className="text-soft"> in {names.get(each.warehouse_id)}</span>
            </span>
            <Money value={each.value} signed />
          </li>
        ))}
      </ul>
      {moved.later_count > 0 && (
        <div className="rounded-md bg-waiting-back p-3 text-sm text-waiting">
          <p className="font-medium">This changes the stock after {moved.later_count} later movements</p>
          <ul className="mt-1 space-y-1">
            {moved.later.slice(0, 6).map((each) => (
              <li key={each.movement_id}>
                {stateWord(each.kind)} <When at={each.effective_at} />:{" "}
                <span className="figures">
                  {each.on_hand_before} → {each.on_hand_after}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function signed(quantity: string, plus = true): string {
  if (quantity.startsWith("-")) return quantity.replace("-", "\u2212");
  return plus ? `+${quantity}` : quantity;
}
