"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
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
  const isSpent = accrual.status === "paid" || accrual.left?.amount === 0;
  const status = isSpent ? "paid" : accrual.status;
  return <State state={status} tone={TONE[status]} word={isSpent ? "Spent" : undefined} />;
}

/** Opens the working of one piece of cashback. */
export function WhyButton({ accrual }: { accrual: Accrual }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" onClick={() => setOpen(true)} aria-label={`Why ${accrual.offer_name ?? "this much"}`}>
        Why?
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={accrual.offer_name ?? "Cashback"}
        description={MEANING[accrual.left?.amount === 0 ? "paid" : accrual.status]}
      >
        <div className="space-y-4">
          <p className="text-center text-xl">
            <Money value={accrual.kept} />
          </p>
          <WorkingSteps steps={accrual.working} />
          <Facts facts={factsOf(accrual)} />
          <Release accrual={accrual} />
        </div>
      </Dialog>
    </>
  );
}

function factsOf(accrual: Accrual): Fact[] {
  const isLess = accrual.kept.amount !== accrual.granted.amount;
  return [
    ...(accrual.merchant_name ? [["Bought at", accrual.merchant_name] as Fact] : []),
    ["Purchase", accrual.external_id ?? <Id key="purchase" value={accrual.purchase_id} />],
    ...(isLess
      ? ([
          ["Given at first", <Money key="granted" value={accrual.granted} />],
          ["After returns", <Money key="kept" value={accrual.kept} />],
        ] as Fact[])
      : []),
    ["Bought", <When key="created" at={accrual.created_at} />],
    accrual.matured_at
      ? ["Available since", <When key="matured" at={accrual.matured_at} />]
      : ["Return window closes", <When key="matures" at={accrual.matures_at} />],
    ...(accrual.expires_at ? [["Runs out", <When key="expires" at={accrual.expires_at} />] as Fact] : []),
    ...(accrual.left ? [["Not spent yet", <Money key="left" value={accrual.left} />] as Fact] : []),
    ["Version of the terms", String(accrual.rule_version)],
    ["Id", <Id key="id" value={accrual.id} />],
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
