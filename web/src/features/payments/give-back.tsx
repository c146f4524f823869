"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { type ComponentProps, type FormEvent, type ReactNode, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import type { Amount } from "@/lib/money";
import { Button } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { ConfirmMoney } from "@/ui/confirm-money";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";

type LineBack = { n: number; quantity: number };
type Order = { amount?: Amount; lines?: LineBack[]; reason: string };

/** Pieces of one thing that can still come back. */
export type Goods = { n: number; name: string; left: number };
export type Shown = Pick<ComponentProps<typeof ConfirmMoney>, "amount" | "facts" | "balances" | "confirmLabel">;

type Props<Preview> = {
  /** The words on the button. */
  action: string;
  title: string;
  /** Where refunds are asked for. */
  path: string;
  /** The most that can go back. */
  most: Amount;
  intro: ReactNode;
  hint: string;
  /** Goods to choose from instead of an amount; without any only an amount is asked for. */
  goods?: Goods[];
  /** Whether an amount alone cannot come back. */
  goodsOnly?: boolean;
  shown: (preview: Preview) => Shown;
};

/** Gives money back: asks how much, shows what it would do, then does it. */
export function GiveBack<Preview>(props: Props<Preview>) {
  const [open, setOpen] = useState(false);
  const [looked, setLooked] = useState<{ order: Order; preview: Preview } | null>(null);
  const close = () => {
    setOpen(false);
    setLooked(null);
  };
  return (
    <>
      <Button icon={<Undo2 size={14} aria-hidden />} onClick={() => setOpen(true)}>
        {props.action}
      </Button>
      <Dialog open={open && !looked} onOpenChange={setOpen} title={props.title}>
        <Ask {...props} onReady={(order, preview) => setLooked({ order, preview })} />
      </Dialog>
      {looked && <Confirm {...props} order={looked.order} seen={props.shown(looked.preview)} onClose={close} />}
    </>
  );
}

type AskProps<Preview> = Props<Preview> & { onReady: (order: Order, preview: Preview) => void };

function Ask<Preview>({ path, most, intro, hint, goods = [], goodsOnly = false, onReady }: AskProps<Preview>) {
  const [choseNothing, setChoseNothing] = useState(false);
  const [isUnread, setUnread] = useState(false);
  const [byGoods, setByGoods] = useState(goods.length > 0);
  const [minor, setMinor] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function look(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const what = byGoods ? { lines: chosen(goods, form) } : minor ? { amount: { ...most, amount: minor } } : {};
    const order: Order = { ...what, reason: String(form.get("reason")) };
    // Nothing chosen would mean everything that is left.
    setChoseNothing(order.lines?.length === 0);
    // Only an empty field means everything, never an amount that cannot be read, nor zero.
    const unread = !byGoods && !minor && String(form.get("amount")).trim() !== "";
    setUnread(unread);
    if (unread || order.lines?.length === 0) return;
    setBusy(true);
    setProblem(null);
    try {
      onReady(order, await api.post<Preview>(path, order, { query: { dry_run: true } }));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={look} className="space-y-4">
      <p className="text-soft">{intro}</p>
      {goods.length > 0 && !goodsOnly && (
        <Chips
          label="What comes back"
          options={[
            ["goods", "Goods"],
            ["amount", "An amount"],
          ]}
          value={byGoods ? "goods" : "amount"}
          onChange={(what) => setByGoods(what === "goods")}
        />
      )}
      {byGoods ? (
        <fieldset className="space-y-2">
          <legend className="sr-only">How many pieces of each come back</legend>
          {goods.map((each) => (
            <TextField
              key={each.n}
              label={each.name}
              name={`line-${each.n}`}
              type="number"
              min={0}
              max={each.left}
              defaultValue={0}
              hint={`Up to ${each.left}`}
            />
          ))}
        </fieldset>
      ) : (
        <MoneyInput
          label="Amount"
          name="amount"
          currency={most.currency}
          onChange={setMinor}
          hint="Left empty: everything that is left"
          error={isUnread ? "More than zero, or left empty for everything" : problem?.messageFor("amount")}
        />
      )}
      {choseNothing && byGoods && <p role="alert">Say how many pieces of something come back.</p>}
      <TextField label="Reason" name="reason" maxLength={200} hint={hint} />
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        Look before it happens
      </Button>
    </form>
  );
}

function chosen(goods: Goods[], form: FormData): LineBack[] {
  return goods
    .map((each) => ({ n: each.n, quantity: Number(form.get(`line-${each.n}`)) }))
    .filter((each) => each.quantity > 0);
}

type ConfirmProps = { title: string; path: string; order: Order; seen: Shown; onClose: () => void };

function Confirm({ title, path, order, seen, onClose }: ConfirmProps) {
  const post = useKeyedPost();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function confirm() {
    setBusy(true);
    setProblem(null);
    try {
      await post(path, order);
      await queries.invalidateQueries();
      onClose();
    } catch (error) {
      const refused = asProblem(error);
      setProblem(refused);
      setBusy(false);
    }
  }

  return (
    <ConfirmMoney open title={title} {...seen} busy={busy} problem={problem} onConfirm={confirm} onClose={onClose} />
  );
}
