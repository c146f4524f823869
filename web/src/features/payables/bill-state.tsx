import { State } from "@/ui/state";
import type { Bill } from "./contract";

/** A bill's state; one that is late says so first. */
export function BillState({ bill }: { bill: Pick<Bill, "state" | "days_late"> }) {
  if (bill.days_late > 0) {
    return <State state="failed" word={`${bill.days_late} ${bill.days_late === 1 ? "day" : "days"} late`} />;
  }
  if (bill.state === "open") return <State state="waiting" word="Owed" />;
  if (bill.state === "part_paid") return <State state="waiting" word="Part paid" />;
  if (bill.state === "paying") return <State state="waiting" word="On its way" />;
  if (bill.state === "void") return <State state="voided" word="Void" />;
  return <State state={bill.state} />;
}
