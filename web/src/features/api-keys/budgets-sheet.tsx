"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import type { Amount } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { BudgetForm } from "./budget-form";
import type { ApiKey, Budget, Budgets } from "./contract";

/** How much each key and person may move, and how much of it is used. */
export function BudgetsSheet({ keys }: { keys: ApiKey[] }) {
  const can = useCan();
  const budgets = useThing<Budgets>(can("approvals:read") ? "/budgets" : null);
  const [asking, setAsking] = useState(false);
  const mayChange = can("tenant:write");
  if (!can("approvals:read")) return null;
  return (
    <Sheet title="Budgets" flush actions={mayChange && <Button onClick={() => setAsking(true)}>Set a budget</Button>}>
      {budgets.error && <ErrorState problem={budgets.error} onRetry={() => budgets.refetch()} />}
      {budgets.isPending && <Skeleton lines={2} />}
      {budgets.data?.data.length === 0 && (
        <EmptyState
          title="No budgets"
          why="A budget is the most a key or a person may move in a day or in thirty days; more is refused."
          example="Web shop · IDR 5,000,000.00 a day"
        />
      )}
      <ul className="divide-y divide-rule">
        {budgets.data?.data.map((budget) => (
          <BudgetRow
            key={`${budget.holder}${budget.currency}`}
            budget={budget}
            name={nameOf(budget, keys)}
            mayChange={mayChange}
          />
        ))}
      </ul>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title="Set a budget"
        description="It counts from the next posting; a key draws on its maker's budget as well"
      >
        <BudgetForm keys={keys} onDone={() => setAsking(false)} />
      </Dialog>
    </Sheet>
  );
}

function BudgetRow({ budget, name, mayChange }: { budget: Budget; name: string; mayChange: boolean }) {
  const remove = useAction();
  const path = `/budgets/${encodeURIComponent(budget.holder)}/${encodeURIComponent(budget.currency)}`;
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <div className="min-w-0">
        <p className="font-medium">{name}</p>
        <Used used={budget.used_day} limit={budget.per_day} span="a day" />
        <Used used={budget.used_month} limit={budget.per_month} span="in 30 days" />
      </div>
      {mayChange && (
        <Button
          kind="danger"
          busy={remove.busy}
          aria-label={`Remove the budget of ${name} in ${budget.currency}`}
          onClick={() => remove.run(() => api.put(path, { per_day: null, per_month: null }))}
        >
          Remove
        </Button>
      )}
      {remove.problem && <ErrorState problem={remove.problem} />}
    </li>
  );
}

function Used({ used, limit, span }: { used: Amount; limit: Amount | null; span: string }) {
  if (!limit) return null;
  return (
    <p className="text-soft text-xs">
      <Money value={used} /> of <Money value={limit} /> {span} used
    </p>
  );
}

function nameOf(budget: Budget, keys: ApiKey[]): string {
  return budget.holder_name ?? keys.find((key) => key.id === budget.holder)?.name ?? budget.holder;
}
