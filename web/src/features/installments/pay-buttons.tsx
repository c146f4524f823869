"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { formatPlainDay } from "@/lib/dates";
import type { Amount } from "@/lib/money";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
import { Button } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import type { Fact } from "@/ui/sheet";
import { inCurrency, type OrderDetail, type Quote } from "./contract";

type Wanted = { title: string; path: string; body: object; amount: Amount; left: number; facts: Fact[] };

/** Paying what is due or comes next, and paying everything at once with what that saves. */
export function PayButtons({ order }: { order: OrderDetail }) {
  const t = useTranslations("installments");
  const format = useFormat();
  const can = useCan();
  const act = useAction();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  if (order.state !== "active" || !can("installments:pay")) return null;
  const path = `/installments/orders/${order.id}`;
  const next = order.due.amount > 0 ? order.due : order.next?.amount;

  async function quote() {
    await act.run(async () => {
      const made = await api.post<Quote>(`${path}/quote`, {});
      setWanted({
        title: t("payAll"),
        path: `${path}/payoff`,
        body: { quote_id: made.id },
        amount: made.total,
        left: 0,
        facts: quoteFacts(t, format, made),
      });
    });
  }

  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button busy={act.busy} onClick={quote}>
        {t("payAll")}
      </Button>
      {next && (
        <Button kind="primary" onClick={() => setWanted(nextPart(t, format, path, order, next))}>
          {order.due.amount > 0 ? t("payDue") : t("payNext")}
        </Button>
      )}
      {wanted && <Confirm wanted={wanted} order={order} onClose={() => setWanted(null)} />}
    </>
  );
}

function nextPart(t: Say<"installments">, format: string, path: string, order: OrderDetail, amount: Amount): Wanted {
  const day = order.next && formatPlainDay(order.next.due_on, format);
  return {
    title: order.due.amount > 0 ? t("payDue") : t("payNext"),
    path: `${path}/pay`,
    body: { amount, ahead: "next" },
    amount,
    left: order.open.total - amount.amount,
    facts: order.due.amount > 0 ? [] : [[t("dueOn"), day]],
  };
}

function quoteFacts(t: Say<"installments">, format: string, quote: Quote): Fact[] {
  const split: [string, Amount][] = [
    [t("priceOpen"), quote.principal],
    [t("interestRun"), quote.interest],
    [t("planFee"), quote.fee],
    [t("lateFees"), quote.penalty],
    [t("youSave"), quote.saves],
  ];
  const shown = split
    .filter(([, amount]) => amount.amount > 0)
    .map(([name, amount]): Fact => [name, <Money key={name} value={amount} />]);
  return [...shown, [t("priceHolds"), formatPlainDay(quote.valid_on, format)]];
}

function Confirm({ wanted, order, onClose }: { wanted: Wanted; order: OrderDetail; onClose: () => void }) {
  const t = useTranslations("installments");
  const queries = useQueryClient();
  const post = useKeyedPost();
  const act = useAction();

  async function confirm() {
    const done = await act.run(() => post(wanted.path, wanted.body));
    if (!done) return;
    await queries.invalidateQueries();
    onClose();
  }

  return (
    <ConfirmMoney
      open
      title={wanted.title}
      amount={wanted.amount}
      facts={wanted.facts}
      balances={[
        {
          name: t("openOfOrder"),
          before: inCurrency(order.open.total, order.amount),
          after: inCurrency(wanted.left, order.amount),
        },
      ]}
      confirmLabel={t("payFromWallet")}
      busy={act.busy}
      problem={act.problem}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
