"use client";

import { useRouter } from "next/navigation";
import { api } from "@/client/api";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import type { Payout, PayoutDetail } from "./contract";

/** What can be done with a payout now: ask the provider, call it off, or ask for it anew. */
export function PayoutActions({ payout }: { payout: PayoutDetail }) {
  const can = useCan();
  const router = useRouter();
  const act = useAction();
  const isBefore = ["requested", "approved"].includes(payout.status);
  const isAway = ["sent", "unknown", "succeeded"].includes(payout.status);
  const isOver = ["failed", "returned", "cancelled"].includes(payout.status);
  const path = `/payouts/${payout.id}`;

  async function again() {
    const body = { reference: `${payout.reference}-again-${payout.version}` };
    let made: Payout | null = null;
    const done = await act.run(async () => {
      made = await api.post<Payout>(`${path}/again`, body, { idempotencyKey: `again-${payout.id}-${payout.version}` });
    });
    if (done && made) router.push(`/payouts/view/?id=${(made as Payout).id}`);
  }

  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      {isAway && (
        <Button busy={act.busy} onClick={() => act.run(() => api.post(`${path}/check`, {}))}>
          Ask the provider
        </Button>
      )}
      {isBefore && can("payouts:create") && (
        <Button kind="danger" busy={act.busy} onClick={() => act.run(() => api.post(`${path}/cancel`, {}))}>
          Call off
        </Button>
      )}
      {isOver && can("payouts:create") && (
        <Button kind="primary" busy={act.busy} onClick={again}>
          Ask again
        </Button>
      )}
    </>
  );
}
