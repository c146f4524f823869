"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useList, useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { type Fact, Facts } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import { blockerText, type Settlement, type SettlementPlan, type SettlementTerms, viewOf } from "./contract";
import { LineTable } from "./line-table";

/** Settle a merchant for today by hand, after a look at what it would be. */
export function SettleNow() {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("settlements:manage")) return null;
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        Settle now
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Settle a merchant for today"
        description="Each merchant is settled at its cut-off anyway; a day is settled once"
      >
        {open && <ChooseMerchant />}
      </Dialog>
    </>
  );
}

function ChooseMerchant() {
  const terms = useList<SettlementTerms>("/settlement-terms", { limit: 100 });
  const [chosen, choose] = useState("");
  if (terms.error) return <ErrorState problem={terms.error} onRetry={terms.refetch} />;
  if (terms.isLoading) return <Skeleton lines={4} />;
  if (terms.rows.length === 0) {
    return (
      <EmptyState
        title="Nobody is settled"
        why="Give a merchant settlement terms first."
        action={<ButtonLink href="/settlements/terms/">Terms</ButtonLink>}
      />
    );
  }
  const of = terms.rows.find((row) => keyOf(row) === chosen) ?? terms.rows[0];
  return (
    <div className="space-y-4">
      <SelectField label="Merchant" value={of && keyOf(of)} onChange={(event) => choose(event.target.value)}>
        {terms.rows.map((row) => (
          <option key={keyOf(row)} value={keyOf(row)}>
            {`${row.merchant_name ?? row.merchant_id} · ${row.currency}`}
          </option>
        ))}
      </SelectField>
      {of && <Preview key={keyOf(of)} terms={of} />}
    </div>
  );
}

const keyOf = (terms: SettlementTerms) => `${terms.merchant_id}/${terms.currency}`;

function Preview({ terms }: { terms: SettlementTerms }) {
  const router = useRouter();
  const post = useKeyedPost();
  const act = useAction();
  const order = { merchant_id: terms.merchant_id, currency: terms.currency };
  const plan = useThing<SettlementPlan>("/settlements/preview", order);
  if (plan.error) return <ErrorState problem={plan.error} onRetry={() => plan.refetch()} />;
  if (!plan.data) return <Skeleton lines={4} />;
  const { data } = plan;
  const settle = () =>
    act.run(async () => {
      const made = await post<Settlement>("/settlements", order);
      router.push(viewOf(made.id));
    });
  return (
    <div className="space-y-4">
      <Facts facts={factsOf(data)} />
      <WhyNot plan={data} />
      {data.lines.length > 0 && !data.settlement_id && <LineTable lines={data.lines} payout={data.payout} />}
      {act.problem && <ErrorState problem={act.problem} />}
      {data.settlement_id ? (
        <ButtonLink href={viewOf(data.settlement_id)}>Open the settlement</ButtonLink>
      ) : (
        <Button
          kind="primary"
          className="w-full"
          busy={act.busy}
          disabled={data.blocker !== null || !data.is_business_day}
          onClick={settle}
        >
          Settle now
        </Button>
      )}
    </div>
  );
}

function WhyNot({ plan }: { plan: SettlementPlan }) {
  const why = whyNot(plan);
  return why ? <p role="status">{why}</p> : null;
}

function whyNot(plan: SettlementPlan): string | null {
  if (plan.settlement_id) return "Today has been settled.";
  if (!plan.is_business_day) return "Today is not a business day for this merchant.";
  return plan.blocker ? blockerText(plan.blocker) : null;
}

function factsOf(plan: SettlementPlan): Fact[] {
  return [
    ["Sales up to", <When key="cut" at={plan.cut_off_at} />],
    ["In reserve", <Money key="reserve" value={plan.reserve} />],
    ...(plan.debt.amount > 0 ? [["The merchant owes", <Money key="debt" value={plan.debt} />] as Fact] : []),
  ];
}
