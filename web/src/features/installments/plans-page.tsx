"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { type Plan, percent, spokenTerms } from "./contract";

/** What merchants offer. A plan's terms never change; another plan replaces it. */
export function PlansPage() {
  const can = useCan();
  const list = useList<Plan>("/installments/plans", { limit: 100 });
  return (
    <>
      <PageHeader
        title="Installment plans"
        note="How a price may be paid in parts"
        actions={
          <>
            <ButtonLink href="/installments/">Orders</ButtonLink>
            {can("installments:create") && (
              <ButtonLink href="/installments/plans/new/" kind="primary" icon={<Plus size={14} aria-hidden />}>
                New plan
              </ButtonLink>
            )}
          </>
        }
      />
      {list.error && <ErrorState problem={list.error} onRetry={list.refetch} />}
      {list.isLoading && <Skeleton lines={5} />}
      {!list.isLoading && !list.error && list.rows.length === 0 && (
        <EmptyState
          title="No plans yet"
          why="A plan says into how many parts a price is divided, how far apart, and what that costs."
          example="Four easy parts · monthly · no interest"
        />
      )}
      {list.rows.length > 0 && (
        <Sheet flush>
          <ul className="divide-y divide-rule">
            {list.rows.map((plan) => (
              <PlanRow key={plan.id} plan={plan} />
            ))}
          </ul>
        </Sheet>
      )}
    </>
  );
}

function PlanRow({ plan }: { plan: Plan }) {
  const t = useTranslations("installments");
  const can = useCan();
  const queries = useQueryClient();
  const act = useAction();
  const end = async () => {
    if (await act.run(() => api.post(`/installments/plans/${plan.id}/end`, {}))) await queries.invalidateQueries();
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-3">
      <div className="min-w-0">
        <p className="font-medium">
          {plan.name} <span className="text-soft text-xs">{plan.currency}</span>
        </p>
        <p className="text-soft">{spokenTerms(t, plan.terms)}</p>
        <p className="text-soft text-xs">
          {plan.merchant_name}
          {Number(plan.terms.merchant_fee_rate) > 0 &&
            ` · merchant pays ${percent(plan.terms.merchant_fee_rate ?? "0")}`}
        </p>
        {act.problem && <ErrorState problem={act.problem} />}
      </div>
      <div className="flex items-center gap-3">
        {plan.is_active ? <State state="active" word="Offered" /> : <State state="closed" word="Ended" />}
        {plan.is_active && can("installments:create") && (
          <Button busy={act.busy} onClick={end} aria-label={`End ${plan.name}`}>
            End
          </Button>
        )}
      </div>
    </li>
  );
}
