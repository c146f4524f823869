"use client";

import type { ReactNode } from "react";
import type { Page } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { Actor } from "@/features/names/names";
import { ButtonLink } from "@/ui/button";
import type { Fact } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Approval } from "./contract";

/** What is said of money that waits for a second person. */
export function waitingFacts(expiresAt: string): Fact[] {
  return [
    ["What happens", "Nothing moves until somebody else says yes"],
    ["Runs out", <When key="expires" at={expiresAt} />],
  ];
}

/** The request about a thing that waits for a second person, for readers who may know of it. */
export function useWaiting(kind: string, subjectId: string): Approval | undefined {
  const can = useCan();
  const about = { kind, status: "open", subject_id: subjectId, limit: 1 };
  return useThing<Page<Approval>>(can("approvals:read") ? "/approvals" : null, about).data?.data[0];
}

type WaitsProps = { approval: Approval; label: string; children: ReactNode };

/** Says what waits, who asked for it, who decides and until when, with the way to the decision. */
export function Waits({ approval, label, children }: WaitsProps) {
  return (
    <section
      aria-label={label}
      className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-rule bg-sheet px-4 py-3"
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {children} <State state="needs_approval" />
        </p>
        <p className="mt-0.5 text-soft text-xs">
          Asked by {approval.asked_by_name ?? <Actor value={approval.asked_by} />}, <When at={approval.asked_at} />.{" "}
          {approval.can_decide ? "You or anybody else" : "Anybody else"} who may approve has until{" "}
          <When at={approval.expires_at} />. No money has moved.
        </p>
      </div>
      <ButtonLink href="/approvals/">Approvals</ButtonLink>
    </section>
  );
}
