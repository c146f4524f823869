import { useTranslations } from "use-intl";
import { State } from "@/ui/state";
import type { Invoice } from "./contract";

/** An invoice's state; one that is late says so first. */
export function InvoiceState({ invoice }: { invoice: Pick<Invoice, "state" | "days_late"> }) {
  const t = useTranslations("invoices");
  if (invoice.days_late > 0) {
    return <State state="failed" word={t("daysLate", { days: invoice.days_late })} />;
  }
  if (invoice.state === "issued") return <State state="waiting" word={t("open")} />;
  if (invoice.state === "part_paid") return <State state="waiting" word={t("partPaid")} />;
  if (invoice.state === "void") return <State state="voided" word={t("void")} />;
  return <State state={invoice.state} />;
}
