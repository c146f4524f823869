"use client";

import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import type { CustomerCredit } from "./contract";

/** Lets what is left of a payment pay what the customer has owed longest. */
export function UseMoney({ credit }: { credit: CustomerCredit }) {
  const act = useAction();
  const post = useKeyedPost();
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button
        busy={act.busy}
        onClick={() => act.run(() => post(`/billing/receipts/${credit.source_id}/allocate`, {}))}
        aria-label={`Use ${credit.name}`}
      >
        Use
      </Button>
    </>
  );
}
