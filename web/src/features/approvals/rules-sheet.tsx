"use client";

import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { ErrorState } from "@/ui/error-state";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { RULE_KINDS, type Rules } from "./contract";

/** Which decisions without an amount two people make. */
export function RulesSheet({ mayChange }: { mayChange: boolean }) {
  const rules = useThing<Rules>("/approval-rules");
  const set = useAction();
  return (
    <Sheet title="Always two people" flush>
      {rules.error && <ErrorState problem={rules.error} onRetry={() => rules.refetch()} />}
      {rules.isPending && <Skeleton lines={1} />}
      {set.problem && <ErrorState problem={set.problem} />}
      <ul className="divide-y divide-rule">
        {rules.data?.data.map((rule) => {
          const [name, meaning] = RULE_KINDS[rule.kind] ?? [rule.kind, ""];
          const change = (second_person: boolean) =>
            set.run(() => api.put(`/approval-rules/${encodeURIComponent(rule.kind)}`, { second_person }));
          return (
            <li key={rule.kind} className="px-4 py-3">
              <label className="flex items-baseline gap-2">
                <input
                  type="checkbox"
                  checked={rule.second_person}
                  disabled={!mayChange || set.busy}
                  onChange={(event) => void change(event.target.checked)}
                />
                <span>
                  {name}
                  <span className="block text-soft text-xs">{meaning}</span>
                </span>
              </label>
            </li>
          );
        })}
      </ul>
    </Sheet>
  );
}
