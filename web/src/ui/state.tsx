import { Check, CircleDashed, Clock, Eye, type LucideIcon, Pause, Undo2, X } from "lucide-react";
import { useTranslations } from "use-intl";
import type { Messages } from "@/messages/words";
import { classes } from "./classes";

export type Tone = "success" | "waiting" | "failed" | "reversed" | "held" | "review" | "neutral";

const TONES: Record<Tone, { icon: LucideIcon; look: string }> = {
  success: { icon: Check, look: "bg-success-back text-success" },
  waiting: { icon: Clock, look: "bg-waiting-back text-waiting" },
  failed: { icon: X, look: "bg-failed-back text-failed" },
  reversed: { icon: Undo2, look: "bg-reversed-back text-reversed" },
  held: { icon: Pause, look: "bg-held-back text-held" },
  review: { icon: Eye, look: "bg-review-back text-review" },
  neutral: { icon: CircleDashed, look: "bg-neutral-back text-neutral" },
};

const WORDS: Record<Tone, string[]> = {
  success: [
    ...["paid", "settled", "confirmed", "succeeded", "captured", "completed", "approved", "verified", "posted"],
    ...[
      "active",
      "enabled",
      "delivered",
      "processed",
      "ok",
      "healthy",
      "accepted",
      "ready",
      "balanced",
      "trusted",
      "won",
      "available",
    ],
  ],
  waiting: [
    ...["pending", "processing", "created", "awaiting_payment", "waiting", "scheduled", "queued", "retrying", "sent"],
    ...["unknown", "received", "submitted", "authorized", "partly_captured", "degraded"],
    ...["requires_action", "open", "shown", "checking"],
  ],
  failed: ["failed", "declined", "returned", "rejected", "dead", "error", "down", "unhealthy", "unverified", "lost"],
  reversed: ["refunded", "partially_refunded", "reversed", "voided", "charged_back"],
  held: ["on_hold", "held", "disputed", "frozen", "suspended", "blocked", "paused", "disabled", "restricted"],
  review: ["needs_approval", "in_review", "review", "under_review", "needs_information", "needs_review"],
  neutral: [
    "draft",
    "expired",
    "cancelled",
    "canceled",
    "none",
    "closed",
    "inactive",
    "revoked",
    "skipped",
    "archived",
    "ended",
  ],
};

const TONE_OF = new Map(Object.entries(WORDS).flatMap(([tone, words]) => words.map((word) => [word, tone as Tone])));

/** The tone of a state's word; an unknown word is neutral, never a wrong colour. */
export function toneOf(state: string): Tone {
  return TONE_OF.get(state.toLowerCase()) ?? "neutral";
}

/** A state's word as people read it: `partially_refunded` is "Partially refunded". */
export function stateWord(state: string): string {
  const words = state.replaceAll("_", " ").toLowerCase();
  return words === "ok" ? "OK" : words.charAt(0).toUpperCase() + words.slice(1);
}

/** A state's word in the reader's language; one without a translation stays as it is. */
export function useStateWord(): (state: string) => string {
  const words = useTranslations("states");
  return (state) => {
    const key = state.toLowerCase().replaceAll(" ", "_") as keyof Messages["states"];
    return words.has(key) ? words(key) : stateWord(state);
  };
}

/** A state: word, icon and colour together, never colour alone. */
export function State({ state, tone, word }: { state: string; tone?: Tone; word?: string }) {
  const wordOf = useStateWord();
  const { icon: Icon, look } = TONES[tone ?? toneOf(state)];
  return (
    <span className={classes("inline-flex items-center gap-1 whitespace-nowrap rounded px-2 py-0.5 text-xs", look)}>
      <Icon size={12} strokeWidth={2.5} aria-hidden="true" className="shrink-0" />
      <span className="font-medium">{word ?? wordOf(state)}</span>
    </span>
  );
}
