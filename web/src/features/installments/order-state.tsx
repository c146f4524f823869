import { useTranslations } from "use-intl";
import { State } from "@/ui/state";
import type { OrderRow } from "./contract";

/** An order's state; one that is late or left alone says so first. */
export function OrderState({ order }: { order: OrderRow }) {
  const t = useTranslations("installments");
  if (order.state === "charged_off") return <State state="failed" word={t("chargedOff")} />;
  if (order.state === "offered") return <State state="waiting" word={t("offered")} />;
  if (order.state === "reserved") return <State state="held" word={t("setAside")} />;
  if (order.state !== "active") return <State state={order.state} />;
  if (order.paused_until) return <State state="paused" />;
  if (order.bucket > 0) return <State state="failed" word={t("late")} />;
  return <State state="active" word={t("running")} />;
}
