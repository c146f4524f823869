import { State } from "@/ui/state";
import type { Invoice } from "./contract";

/** An invoice's state; one that is late says so first. */
export function InvoiceState({ invoice }: { invoice: Pick<Invoice, "state" | "days_late"> }) {
  if (invoice.days_late > 0) {
    return <State state="failed" word={`${invoice.days_late} ${invoice.days_late === 1 ? "day" : "days"} late`} />;
  }
  if (invoice.state === "issued") return <State state="waiting" word="Open" />;
  if (invoice.state === "part_paid") return <State state="waiting" word="Part paid" />;
  if (invoice.state === "void") return <State state="voided" word="Void" />;
  return <State state={invoice.state} />;
}
