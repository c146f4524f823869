"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/client/api";
import { useIdempotencyKey } from "@/client/idempotency";
import { asProblem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import type { Amount } from "@/lib/money";
import { Button } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import type { Fact } from "@/ui/sheet";
import { inCurrency, type OrderDetail, type Quote } from "./contract";

type Wanted = { title: string; path: string; body: object; amount: Amount; left: number; facts: Fact[] };

/** Paying what is due or comes next, and paying everything at once with what that saves. */
export function PayButtons({ order }: { order: OrderDetail }) {
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
        title: "Pay everything",
        path: `${path}/payoff`,
        body: { quote_id: made.id },
        amount: made.total,
        left: 0,
        facts: quoteFacts(made),
      });
    });
  }

  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button busy={act.busy} onClick={quote}>
        Pay everything
      </Button>
      {next && (
        <Button kind="primary" onClick={() => setWanted(nextPart(path, order, next))}>
          {order.due.amount > 0 ? "Pay what is due" : "Pay the next part"}
        </Button>
      )}
      {wanted && <Confirm wanted={wanted} order={order} onClose={() => setWanted(null)} />}
    </>
  );
}

function nextPart(path: string, order: OrderDetail, amount: Amount): Wanted {
  const day = order.next && formatPlainDay(order.next.due_on, readerLocale());
  return {
    title: order.due.amount > 0 ? "Pay what is due" : "Pay the next part",
    path: `${path}/pay`,
    body: { amount, ahead: "next" },
    amount,
    left: order.open.total - amount.amount,
    facts: order.due.amount > 0 ? [] : [["Due on", day]],
  };
}

function quoteFacts(quote: Quote): Fact[] {
  const split: [string, Amount][] = [
    ["Price still open", quote.principal],
    ["Interest that has run", quote.interest],
    ["Plan fee", quote.fee],
    ["Late fees", quote.penalty],
    ["You save", quote.saves],
  ];
  const shown = split
    .filter(([, amount]) => amount.amount > 0)
    .map(([name, amount]): Fact => [name, <Money key={name} value={amount} />]);
  return [...shown, ["The price holds until the end of", formatPlainDay(quote.valid_on, readerLocale())]];
}

function Confirm({ wanted, order, onClose }: { wanted: Wanted; order: OrderDetail; onClose: () => void }) {
  const queries = useQueryClient();
  const key = useIdempotencyKey();
  const act = useAction();

  async function confirm() {
    const done = await act.run(() =>
      api.post(wanted.path, wanted.body, { idempotencyKey: key.for(wanted.body) }).catch((error) => {
        key.settle(asProblem(error));
        throw error;
      }),
    );
    if (!done) return;
    key.settle(null);
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
          name: "Open of this order",
          before: inCurrency(order.open.total, order.amount),
          after: inCurrency(wanted.left, order.amount),
        },
      ]}
      confirmLabel="Pay from the wallet"
      busy={act.busy}
      problem={act.problem}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
