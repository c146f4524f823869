"use client";

import { useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { formatPlainDay } from "@/lib/dates";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { type Fact, Facts, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { type Kind, type Possible, type Purchase, TENDERS, type TenderPlan } from "./contract";

type Tender = {
  kind: Kind;
  amount?: Purchase["amount"];
  plan_id?: string;
  fingerprint?: string;
};

/** The customer's choice: which tenders pay, with the whole plan shown before anything is set aside. */
export function PayPurchase({ purchase }: { purchase: Purchase }) {
  const possible = useThing<{ data: Possible[] }>(`/purchases/${purchase.id}/tenders`);
  if (possible.error) return <ErrorState problem={possible.error} onRetry={() => possible.refetch()} />;
  if (!possible.data) return <Skeleton lines={5} />;
  return <Choice purchase={purchase} possible={possible.data.data.filter(hasAny)} />;
}

function hasAny(tender: Possible): boolean {
  if (tender.kind === "installments" && tender.plans.length === 0) return false;
  return tender.most === null || tender.most.amount > 0;
}

function Choice({ purchase, possible }: { purchase: Purchase; possible: Possible[] }) {
  const t = useTranslations("purchases");
  const [chosen, setChosen] = useState<Kind[]>(possible.some((one) => one.kind === "wallet") ? ["wallet"] : []);
  const [minor, setMinor] = useState<number | null>(null);
  const [planId, setPlanId] = useState("");
  const [plan, setPlan] = useState<TenderPlan | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const parts = possible.find((one) => one.kind === "installments");
  const forget = () => setPlan(null);
  const tenders: Tender[] = chosen.map((kind) => ({
    kind,
    ...(kind === "installments" && {
      plan_id: planId || parts?.plans[0]?.id,
      ...(minor && { amount: { ...purchase.amount, amount: minor } }),
    }),
  }));

  async function look() {
    setBusy(true);
    setProblem(null);
    try {
      setPlan(await api.post<TenderPlan>(`/purchases/${purchase.id}/preview`, { tenders }));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Sheet title={t("payWith")}>
      <fieldset className="space-y-2">
        <legend className="sr-only">{t("tenders")}</legend>
        {possible.map(({ most, ...tender }) => (
          <label key={tender.kind} className="flex items-baseline gap-2">
            <input
              type="checkbox"
              checked={chosen.includes(tender.kind)}
              onChange={(event) => {
                forget();
                setChosen(
                  event.target.checked ? [...chosen, tender.kind] : chosen.filter((one) => one !== tender.kind),
                );
              }}
            />
            <span>{t(TENDERS[tender.kind])}</span>
            {most && (
              <span className="ms-auto text-soft">{t.rich("upTo", { amount: () => <Money value={most} /> })}</span>
            )}
          </label>
        ))}
      </fieldset>
      {parts && chosen.includes("installments") && (
        <div className="mt-4 grid gap-4 sm:grid-cols-2">
          <SelectField
            label={t("plan")}
            value={planId || parts.plans[0]?.id}
            onChange={(event) => {
              forget();
              setPlanId(event.target.value);
            }}
          >
            {parts.plans.map((one) => (
              <option key={one.id} value={one.id}>
                {t("planParts", { name: one.name, parts: one.parts })}
              </option>
            ))}
          </SelectField>
          <MoneyInput
            label={t("inParts")}
            currency={purchase.amount.currency}
            hint={t("inPartsHint")}
            onChange={(next) => {
              forget();
              setMinor(next);
            }}
          />
        </div>
      )}
      {problem && (
        <div className="mt-4">
          <ErrorState problem={problem} />
        </div>
      )}
      <div className="mt-4">
        {plan ? (
          <Agree purchase={purchase} tenders={tenders} plan={plan} onChanged={forget} />
        ) : (
          <Button kind="primary" busy={busy} disabled={chosen.length === 0} onClick={look} className="w-full">
            {t("look")}
          </Button>
        )}
      </div>
    </Sheet>
  );
}

type AgreeProps = { purchase: Purchase; tenders: Tender[]; plan: TenderPlan; onChanged: () => void };

function Agree({ purchase, tenders, plan, onChanged }: AgreeProps) {
  const t = useTranslations("purchases");
  const format = useFormat();
  const act = useAction();
  const post = useKeyedPost();
  const body = {
    tenders: tenders.map((one) =>
      one.kind === "installments" && plan.cost ? { ...one, fingerprint: plan.cost.fingerprint } : one,
    ),
  };
  const pay = () =>
    act.run(async () => {
      const paid = await post<Purchase>(`/purchases/${purchase.id}/pay`, body);
      const page = paid.legs.find((leg) => leg.checkout_url)?.checkout_url;
      if (page) window.location.assign(page);
    });
  return (
    <div className="space-y-4">
      <Facts facts={factsOf(t, format, plan)} />
      {act.problem && <ErrorState problem={act.problem} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onChanged} disabled={act.busy}>
          {t("chooseAgain")}
        </Button>
        <Button kind="primary" busy={act.busy} onClick={pay}>
          {plan.cost ? t("agreeAndPay") : t("pay")}
        </Button>
      </div>
    </div>
  );
}

function factsOf(t: Say<"purchases">, format: string, plan: TenderPlan): Fact[] {
  const { cost } = plan;
  return [
    ...plan.shares.map((share): Fact => [t(TENDERS[share.kind]), <Money key={share.kind} value={share.amount} />]),
    ...(cost
      ? ([
          [t("partsCost"), <Money key="cost" value={{ ...cost.total, amount: costOf(cost) }} />],
          [t("atOnce"), <Money key="down" value={cost.down_payment} />],
          ...cost.lines.map(
            (line): Fact => [
              t("dueOn", { day: formatPlainDay(String(line.due_on), format) }),
              <Money key={String(line.due_on)} value={{ ...cost.total, amount: Number(line.total) }} />,
            ],
          ),
        ] as Fact[])
      : []),
  ];
}

function costOf(cost: NonNullable<TenderPlan["cost"]>): number {
  return cost.interest.amount + cost.fee.amount;
}
