"use client";

import { useState } from "react";
import { useTranslations } from "use-intl";
import type { Problem } from "@/client/problem";
import { type Amount, parseMoney, toDecimal } from "@/lib/money";
import { useFormat } from "@/messages/use-format";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { ErrorState } from "./error-state";
import { TextField } from "./field";
import { Money } from "./money";
import { type Fact, Facts } from "./sheet";

export type BalanceChange = { name: string; before: Amount; after: Amount };

type Props = {
  open: boolean;
  title: string;
  amount: Amount;
  facts: Fact[];
  balances: BalanceChange[];
  confirmLabel: string;
  typeToConfirm?: boolean;
  busy: boolean;
  problem: Problem | null;
  onConfirm: () => void;
  onClose: () => void;
};

/** The last look before money moves: what a dry run of the server says will happen, with balances before and after. */
export function ConfirmMoney(props: Props) {
  const t = useTranslations("ui");
  const format = useFormat();
  const [typed, setTyped] = useState("");
  const { amount, busy, problem } = props;
  const isTyped = parseMoney(typed, amount.currency, format) === amount.amount;
  return (
    <Dialog open={props.open} onOpenChange={(open) => !open && !busy && props.onClose()} title={props.title}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          props.onConfirm();
        }}
      >
        <p className="text-center text-xl">
          <Money value={amount} />
        </p>
        <Facts facts={props.facts} />
        <BalanceChanges changes={props.balances} />
        {props.typeToConfirm && (
          <TextField
            label={t("typeToConfirm", { amount: toDecimal(amount) })}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            inputMode="decimal"
            autoComplete="off"
          />
        )}
        {problem && <ErrorState problem={problem} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={props.onClose} disabled={busy}>
            {t("back")}
          </Button>
          <Button kind="primary" type="submit" busy={busy} disabled={props.typeToConfirm && !isTyped}>
            {problem?.retryable ? t("tryAgain") : props.confirmLabel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function BalanceChanges({ changes }: { changes: BalanceChange[] }) {
  const t = useTranslations("ui");
  if (changes.length === 0) return null;
  return (
    <table className="w-full text-end">
      <thead className="text-soft text-xs">
        <tr>
          <th scope="col" className="py-1 text-start font-normal">
            {t("balance")}
          </th>
          <th scope="col" className="font-normal">
            {t("before")}
          </th>
          <th scope="col" className="font-normal">
            {t("after")}
          </th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.name} className="border-rule border-t">
            <th scope="row" className="py-2 text-start font-medium">
              {change.name}
            </th>
            <td>
              <Money value={change.before} />
            </td>
            <td className="font-medium">
              <Money value={change.after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
