"use client";

import { useState } from "react";
import { useTranslations } from "use-intl";
import { useKeyedPost } from "@/client/keyed-post";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import type { Say } from "@/messages/words";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { type Fact, Facts, Sheet } from "@/ui/sheet";
import type { Cost, OrderDetail } from "./contract";
import { Schedule } from "./schedule";

/** The whole cost before consent. What the customer agrees to is named by its fingerprint, and nothing else is booked. */
export function AcceptOffer({ order, cost }: { order: OrderDetail; cost: Cost }) {
  const t = useTranslations("installments");
  const { party_id: party } = useSession();
  const can = useCan();
  const isTheirs = party === order.customer_id && can("installments:pay");
  return (
    <Sheet title={isTheirs ? t("costTheirs") : t("costCustomers")} flush>
      <Schedule lines={cost.lines} like={order.amount} caption={t("costCaption")} isPreview />
      <div className="space-y-4 border-rule border-t p-4">
        <Facts facts={factsOf(t, cost)} />
        {isTheirs && <Consent order={order} cost={cost} />}
      </div>
    </Sheet>
  );
}

function Consent({ order, cost }: { order: OrderDetail; cost: Cost }) {
  const t = useTranslations("installments");
  const [agrees, setAgrees] = useState(false);
  const act = useAction();
  const post = useKeyedPost();
  const body = { fingerprint: cost.fingerprint };
  const accept = () => act.run(() => post(`/installments/orders/${order.id}/accept`, body));
  return (
    <div className="space-y-3">
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          checked={agrees}
          onChange={(event) => setAgrees(event.target.checked)}
          className="mt-1"
        />
        <span>{t.rich("agree", { total: () => <Money value={cost.total} className="font-medium" /> })}</span>
      </label>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" busy={act.busy} disabled={!agrees} onClick={accept} className="w-full">
        {t("buy")}
      </Button>
    </div>
  );
}

function factsOf(t: Say<"installments">, cost: Cost): Fact[] {
  return [
    [t("price"), <Money key="price" value={cost.amount} />],
    [t("partsCost"), <Money key="cost" value={cost.cost} />],
    [t("inAll"), <Money key="total" value={cost.total} className="font-medium" />],
    ...(cost.down_payment.amount > 0 ? [[t("atOnce"), <Money key="down" value={cost.down_payment} />] as Fact] : []),
  ];
}
