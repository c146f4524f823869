"use client";

import type { Page } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Approval } from "@/features/approvals/contract";
import { useCan } from "@/features/identity/session";
import { ButtonLink } from "@/ui/button";
import { State, stateWord } from "@/ui/state";
import type { Party } from "./contract";
import { KycDecision } from "./kyc-decision";

const OPEN_DECISIONS = { kind: "kyc", status: "open", limit: 100 };

/** The decision, or the word that one has been made and waits for a second person. */
export function KycActions({ party }: { party: Party }) {
  const can = useCan();
  const open = useThing<Page<Approval>>(can("approvals:read") ? "/approvals" : null, OPEN_DECISIONS);
  const waiting = open.data?.data.find((each) => each.subject.id === party.id);
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
