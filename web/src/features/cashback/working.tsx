import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { Say } from "@/messages/words";
import { Money } from "@/ui/money";
import type { Step } from "./contract";
import { percentOfRate } from "./rate";

/** Why it is this much: each step of the working with what it gives. */
export function WorkingSteps({ steps }: { steps: Step[] }) {
  const t = useTranslations("cashback");
  return (
    <ol className="divide-y divide-rule">
      {steps.map((step) => (
        <li key={step.step} className="flex items-baseline justify-between gap-4 py-2">
          <span className="min-w-0">{sentenceOf(t, step)}</span>
          <Money value={step.gives} className="shrink-0 font-medium" />
        </li>
      ))}
    </ol>
  );
}

const LIMITS = {
  purchase: "limitPurchase",
  cap_purchase: "limitCapPurchase",
  cap_user: "limitCapUser",
  cap_total: "limitCapTotal",
  budget: "limitBudget",
  stacked: "limitStacked",
  room: "limitRoom",
} as const;

function sentenceOf(t: Say<"cashback">, step: Step): ReactNode {
  const from = step.since && step.since.amount > 0 ? step.since : null;
  const since = () => from && <Money value={from} />;
  const { rate, of, limit } = step;
  if (step.step === "rate" && rate && of)
    return t.rich(from ? "stepRateSince" : "stepRate", {
      rate: percentOfRate(rate),
      of: () => <Money value={of} />,
      since,
    });
  if (step.step === "fixed") return t.rich(from ? "stepFixedSince" : "stepFixed", { since });
  if (step.step === "minimum" && limit) return t.rich("stepMinimum", { limit: () => <Money value={limit} /> });
  if (step.step === "no_tier") return t("stepNoTier");
  return step.step in LIMITS ? t(LIMITS[step.step as keyof typeof LIMITS]) : step.step;
}
