"use client";

import type { Page } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Approval } from "@/features/approvals/contract";
import { useCan } from "@/features/identity/session";
import { Actor } from "@/features/names/names";
import { ButtonLink } from "@/ui/button";
import { Money } from "@/ui/money";
import { State } from "@/ui/state";
import { When } from "@/ui/when";

const OPEN_REFUNDS = { kind: "refund", status: "open", limit: 100 };

/** Says on a payment's page that a refund of it waits for a second person. */
export function WaitingRefund({ paymentId }: { paymentId: string }) {
  const can = useCan();
  const open = useThing<Page<Approval>>(can("approvals:read") ? "/approvals" : null, OPEN_REFUNDS);
  const waiting = open.data?.data.find((each) => each.subject.id === paymentId);
  if (!waiting) return null;
  return (
    <section
      aria-label="A refund waits"
      className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-rule bg-sheet px-4 py-3"
    >
      <div>
        <p className="flex flex-wrap items-center gap-2 font-medium">
          A refund of {waiting.amount && <Money value={waiting.amount} />} waits <State state="needs_approval" />
        </p>
        <p className="mt-0.5 text-soft text-xs">
          Asked by {waiting.asked_by_name ?? <Actor value={waiting.asked_by} />}, <When at={waiting.asked_at} />. No
          money has moved.
        </p>
      </div>
      <ButtonLink href="/approvals/">Approvals</ButtonLink>
    </section>
  );
}
