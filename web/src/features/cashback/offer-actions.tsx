"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { MoneyInput } from "@/ui/money-input";
import type { Offer } from "./contract";

/** What can be done with an offer now: start it, stop it for a while or for good, and move its budget. */
export function OfferActions({ offer }: { offer: Offer }) {
  const can = useCan();
  const act = useAction();
  if (!can("cashback:write")) return null;
  const { status } = offer;
  const step = (name: string) => act.run(() => api.post(`/cashback/offers/${offer.id}/${name}`, {}));
  const hasMoney = offer.budget_left.amount > 0;
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      {status !== "ended" && <BudgetButton offer={offer} way="fund" />}
      {status !== "active" && hasMoney && <BudgetButton offer={offer} way="withdraw" />}
      {status === "active" && (
        <Button busy={act.busy} onClick={() => step("pause")}>
          Pause
        </Button>
      )}
      {(status === "paused" || status === "active") && (
        <Button kind="danger" busy={act.busy} onClick={() => step("end")}>
          End
        </Button>
      )}
      {(status === "draft" || status === "paused") && hasMoney && (
        <Button kind="primary" busy={act.busy} onClick={() => step("activate")}>
          Activate
        </Button>
      )}
    </>
  );
}

const WAYS = {
  fund: { button: "Pay in", title: "Pay into the budget", done: "Pay in" },
  withdraw: { button: "Take out", title: "Take out of the budget", done: "Take out" },
};

function BudgetButton({ offer, way }: { offer: Offer; way: "fund" | "withdraw" }) {
  const [open, setOpen] = useState(false);
  const [minor, setMinor] = useState<number | null>(null);
  const act = useAction();
  const post = useKeyedPost();
  const { currency } = offer.budget_left;
  const isFirst = way === "fund" && offer.budget_left.amount === 0;

  async function submit() {
    if (!minor) return;
    const body = { amount: { amount: minor, currency } };
    if (await act.run(() => post(`/cashback/offers/${offer.id}/${way}`, body))) {
      setOpen(false);
    }
  }

  return (
    <>
      <Button kind={isFirst ? "primary" : "secondary"} onClick={() => setOpen(true)}>
        {WAYS[way].button}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={WAYS[way].title} description={sourceOf(offer, way)}>
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <MoneyInput
            label="Amount"
            currency={currency}
            onChange={setMinor}
            error={act.problem?.messageFor("amount")}
          />
          {act.problem && <ErrorState problem={act.problem} />}
          <Button kind="primary" type="submit" busy={act.busy} disabled={!minor} className="w-full">
            {WAYS[way].done}
          </Button>
        </form>
      </Dialog>
    </>
  );
}

function sourceOf(offer: Offer, way: "fund" | "withdraw"): string {
  const place = offer.funded_by === "house" ? "the house's own money" : "the merchant's wallet";
  return way === "fund" ? `It comes out of ${place}` : `It goes back into ${place}; what was promised stays`;
}
