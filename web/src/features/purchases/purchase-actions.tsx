"use client";

import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { waitingFacts } from "@/features/approvals/waiting";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { GiveBack, type Shown } from "@/features/payments/give-back";
import type { Say } from "@/messages/words";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import type { Purchase, Refund, RefundAsked } from "./contract";
import { namesOf, refundFacts } from "./purchase-page";

type Preview = Refund | RefundAsked;

/** What the merchant and staff can do with a purchase now. */
export function PurchaseActions({ purchase }: { purchase: Purchase }) {
  const can = useCan();
  const { party_id: party } = useSession();
  const act = useAction();
  const isBuyer = party !== null && party === purchase.customer_id;
  if (!can("purchases:write") || isBuyer) return null;
  const cancel = () => act.run(() => api.post(`/purchases/${purchase.id}/cancel`));
  const release = () => act.run(() => api.post(`/purchases/${purchase.id}/release`));
  const mayCancel = purchase.status === "open" || purchase.status === "held";
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      {purchase.status === "held" && (
        <Button busy={act.busy} onClick={release} title="What is set aside goes back, and the purchase is open again">
          Let go of it
        </Button>
      )}
      {mayCancel && (
        <Button kind="danger" busy={act.busy} onClick={cancel}>
          Call off
        </Button>
      )}
      {purchase.returnable.amount > 0 && <Return purchase={purchase} />}
    </>
  );
}

function Return({ purchase }: { purchase: Purchase }) {
  const t = useTranslations("purchases");
  return (
    <GiveBack<Preview>
      action="Give back"
      title="Give back"
      path={`/purchases/${purchase.id}/refunds`}
      most={purchase.returnable}
      intro={
        <>
          Up to <Money value={purchase.returnable} className="font-medium text-ink" /> can come back, by the ways in
          which it was paid
        </>
      }
      hint="Kept with the refund"
      // What left the stock comes back by pieces alone.
      goodsOnly={purchase.sells_goods}
      goods={purchase.lines
        .map((line) => ({ n: line.n, name: line.name, left: line.quantity - line.returned }))
        .filter((line) => line.left > 0)}
      shown={(preview) => shown(t, preview, purchase)}
    />
  );
}

function shown(t: Say<"purchases">, preview: Preview, { returnable, lines }: Purchase): Shown {
  if ("approval_id" in preview)
    return {
      amount: preview.amount,
      facts: waitingFacts(preview.expires_at),
      balances: [],
      confirmLabel: "Ask a second person",
    };
  const after = { ...returnable, amount: returnable.amount - preview.amount.amount };
  return {
    amount: preview.amount,
    facts: refundFacts(t, preview, namesOf(lines)).filter(([name]) => name !== t("inAll")),
    balances: [{ name: "May still come back", before: returnable, after }],
    confirmLabel: "Give back now",
  };
}
