"use client";

import { useWaiting, Waits } from "@/features/approvals/waiting";
import { Money } from "@/ui/money";

/** Says on a payment's page that a refund of it waits for a second person. */
export function WaitingRefund({ paymentId }: { paymentId: string }) {
  const waiting = useWaiting("refund", paymentId);
  if (!waiting) return null;
  return (
    <Waits approval={waiting} label="A refund waits">
      A refund of {waiting.amount && <Money value={waiting.amount} />} waits
    </Waits>
  );
}
