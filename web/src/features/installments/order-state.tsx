import { State } from "@/ui/state";
import type { OrderRow } from "./contract";

/** An order's state; one that is late or left alone says so first. */
export function OrderState({ order }: { order: OrderRow }) {
  if (order.state === "charged_off") return <State state="failed" word="Charged off" />;
  if (order.state === "offered") return <State state="waiting" word="Offered" />;
  if (order.state === "reserved") return <State state="held" word="Set aside" />;
  if (order.state !== "active") return <State state={order.state} />;
  if (order.paused_until) return <State state="paused" />;
  if (order.bucket > 0) return <State state="failed" word="Late" />;
  return <State state="active" word="Running" />;
}
