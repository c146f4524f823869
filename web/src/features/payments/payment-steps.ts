import { stateWord } from "@/ui/state";
import type { TimelineItem } from "@/ui/timeline";
import type { Payment, TimelineStep } from "./contract";

/** A payment's states and its journal entries as one story, the earliest first. */
export function stepsOf(payment: Payment): TimelineItem[] {
  const states = payment.timeline.map(
    (step): TimelineItem => ({
      key: `${step.object}${step.at}${step.status}`,
      at: step.at,
      title: titleOf(step, payment),
      detail: stateWord(step.cause),
    }),
  );
  const entries = payment.entries.map(
    (entry): TimelineItem => ({
      key: entry.entry_id,
      at: entry.recorded_at,
      title: "Written in the books",
      detail: entry.recipe,
      href: `#${entry.entry_id}`,
    }),
  );
  return [...states, ...entries].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

function titleOf(step: TimelineStep, payment: Payment): string {
  const attempt = payment.attempts.find(({ id }) => id === step.object);
  const word = stateWord(step.status);
  return attempt ? `Attempt ${attempt.number} (${stateWord(attempt.method)}): ${word.toLowerCase()}` : word;
}
