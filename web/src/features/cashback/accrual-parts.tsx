"use client";

import { useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import type { Say } from "@/messages/words";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { type Fact, Facts } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { type Accrual, MEANING, TONE } from "./contract";
import { WorkingSteps } from "./working";

/** Where a piece of cashback stands; available cashback of which nothing is left has been spent. */
export function AccrualState({ accrual }: { accrual: Accrual }) {
  const t = useTranslations("cashback");
  const isSpent = accrual.status === "paid" || accrual.left?.amount === 0;
  const status = isSpent ? "paid" : accrual.status;
  return <State state={status} tone={TONE[status]} word={isSpent ? t("spent") : undefined} />;
}

/** Opens the working of one piece of cashback. */
export function WhyButton({ accrual }: { accrual: Accrual }) {
  const t = useTranslations("cashback");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        kind="quiet"
        onClick={() => setOpen(true)}
        aria-label={t("whyThis", { offer: accrual.offer_name ?? t("thisMuch") })}
      >
        {t("whyButton")}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={accrual.offer_name ?? t("title")}
        description={t(MEANING[(accrual.left?.amount === 0 ? "paid" : accrual.status) as keyof typeof MEANING])}
      >
        <div className="space-y-4">
          <p className="text-center text-xl">
            <Money value={accrual.kept} />
          </p>
          <WorkingSteps steps={accrual.working} />
          <Facts facts={factsOf(t, accrual)} />
          <Release accrual={accrual} />
        </div>
      </Dialog>
    </>
  );
}

function factsOf(t: Say<"cashback">, accrual: Accrual): Fact[] {
  const isLess = accrual.kept.amount !== accrual.granted.amount;
  return [
    ...(accrual.merchant_name ? [[t("boughtAt"), accrual.merchant_name] as Fact] : []),
    [t("purchase"), accrual.external_id ?? <Id key="purchase" value={accrual.purchase_id} />],
    ...(isLess
      ? ([
          [t("givenAtFirst"), <Money key="granted" value={accrual.granted} />],
          [t("afterReturns"), <Money key="kept" value={accrual.kept} />],
        ] as Fact[])
      : []),
    [t("bought"), <When key="created" at={accrual.created_at} />],
    accrual.matured_at
      ? [t("availableSince"), <When key="matured" at={accrual.matured_at} />]
      : [t("windowCloses"), <When key="matures" at={accrual.matures_at} />],
    ...(accrual.expires_at ? [[t("runsOut"), <When key="expires" at={accrual.expires_at} />] as Fact] : []),
    ...(accrual.left ? [[t("notSpent"), <Money key="left" value={accrual.left} />] as Fact] : []),
    [t("termsVersion"), String(accrual.rule_version)],
    [t("id"), <Id key="id" value={accrual.id} />],
  ];
}

/** Staff may make confirmed cashback available before its time. */
function Release({ accrual }: { accrual: Accrual }) {
  const can = useCan();
  const act = useAction();
  const [reason, setReason] = useState("");
  if (accrual.status !== "confirmed" || !can("cashback:manage")) return null;
  return (
    <form
      className="space-y-3 border-rule border-t pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        void act.run(() => api.post(`/cashback/accruals/${accrual.id}/release`, { reason }));
      }}
    >
      <TextField
        label="Reason to release it now"
        value={reason}
        maxLength={300}
        onChange={(event) => setReason(event.target.value)}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button type="submit" busy={act.busy} disabled={!reason.trim()}>
        Release now
      </Button>
    </form>
  );
}
