"use client";

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { api } from "@/client/api";
import type { Problem } from "@/client/problem";
import { exponentOf } from "@/lib/money";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { Facts, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Cost } from "./contract";
import type { Draft } from "./new-plan-page";
import { Schedule } from "./schedule";

/** What an example price would cost by the terms as they are being written. */
export function PlanPreview({ currency, terms }: { currency: string; terms: Draft }) {
  const [minor, setMinor] = useState<number | null>(null);
  const amount = { amount: minor ?? 1_000_000 * 10 ** exponentOf(currency), currency };
  const asked = useDeferredValue({ amount, terms });
  const cost = useQuery<Cost, Problem>({
    queryKey: ["/installments/preview", asked],
    queryFn: () => api.post<Cost>("/installments/preview", asked),
    placeholderData: (before) => before,
    retry: false,
  });
  return (
    <Sheet title="What a customer sees">
      <div className="space-y-4">
        <MoneyInput label="Example price" currency={currency} onChange={setMinor} hint="Or leave the example" />
        <div aria-live="polite" className="space-y-4">
          {cost.error && <ErrorState problem={cost.error} />}
          {cost.isPending && <Skeleton lines={5} />}
          {cost.data && !cost.error && (
            <>
              <div className="-mx-4">
                <Schedule lines={cost.data.lines} like={amount} caption="What would be due when" isPreview />
              </div>
              <Facts
                facts={[
                  ["Paying in parts costs", <Money key="cost" value={cost.data.cost} />],
                  ["The customer pays in all", <Money key="total" value={cost.data.total} className="font-medium" />],
                ]}
              />
            </>
          )}
        </div>
      </div>
    </Sheet>
  );
}
