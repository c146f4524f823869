import { State } from "@/ui/state";

/** A quote's state. */
export function QuoteState({ state }: { state: string }) {
  if (state === "sent") return <State state="waiting" word="Sent" />;
  if (state === "accepted") return <State state="paid" word="Accepted" />;
  if (state === "declined") return <State state="failed" word="Declined" />;
  return <State state={state} />;
}

/** An order's state. */
export function OrderState({ state }: { state: string }) {
  if (state === "open") return <State state="waiting" word="Open" />;
  if (state === "done") return <State state="paid" word="Done" />;
  return <State state="voided" word="Cancelled" />;
}
