"use client";

import { useWaiting } from "@/features/approvals/waiting";
import { ButtonLink } from "@/ui/button";
import { State, stateWord } from "@/ui/state";
import type { Party } from "./contract";
import { KycDecision } from "./kyc-decision";

/** The decision, or the word that one has been made and waits for a second person. */
export function KycActions({ party }: { party: Party }) {
  const waiting = useWaiting("kyc", party.id);
  if (!waiting) return <KycDecision party={party} />;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <span>
        {stateWord(String(waiting.after.state))}, said by {waiting.asked_by_name ?? "somebody"}
      </span>
      <State state="needs_approval" />
      <ButtonLink href="/approvals/">Approvals</ButtonLink>
    </div>
  );
}
