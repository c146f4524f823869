import type { ReactNode } from "react";
import { Money } from "@/ui/money";
import type { Step } from "./contract";
import { percentOfRate } from "./rate";

/** Why it is this much: each step of the working with what it gives. */
export function WorkingSteps({ steps }: { steps: Step[] }) {
  return (
    <ol className="divide-y divide-rule">
      {steps.map((step) => (
        <li key={step.step} className="flex items-baseline justify-between gap-4 py-2">
          <span className="min-w-0">{sentenceOf(step)}</span>
          <Money value={step.gives} className="shrink-0 font-medium" />
        </li>
      ))}
    </ol>
  );
}

const LIMITS: Record<string, string> = {
  purchase: "Never more than was paid",
  cap_purchase: "At most for one purchase",
  cap_user: "Left of the limit for one customer",
  cap_total: "Left of the limit for the whole offer",
  budget: "Left in the budget",
  stacked: "Left of the purchase after other offers",
  room: "Never more than was first given",
};

function sentenceOf(step: Step): ReactNode {
  const since = step.since && step.since.amount > 0 && (
    <>
      {" "}
      (from <Money value={step.since} />)
    </>
  );
  if (step.step === "rate" && step.rate && step.of)
    return (
      <>
        {percentOfRate(step.rate)} of <Money value={step.of} />
        {since}, rounded down
      </>
    );
  if (step.step === "fixed") return <>A fixed amount{since}</>;
  if (step.step === "minimum" && step.limit)
    return (
      <>
        Below the smallest purchase of <Money value={step.limit} />
      </>
    );
  if (step.step === "no_tier") return "Below the first tier";
  return LIMITS[step.step] ?? step.step;
}
