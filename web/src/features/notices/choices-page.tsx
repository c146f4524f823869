"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button, ButtonLink } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Channel, Choice, Wishes } from "./contract";
import { TelegramSheet } from "./telegram-sheet";

const PATH = "/notice-settings";
const KINDS: Record<string, [name: string, when: string]> = {
  payments: ["Payments", "Each time one is paid"],
  payment_exceptions: ["Payments that do not fit", "Paid late, twice or in another amount"],
  refunds: ["Refunds", "One has arrived or has failed"],
  payouts: ["Payouts", "One has arrived, has failed or came back"],
  payout_attention: ["Payouts that need a person", "What a provider says does not fit"],
  approvals: ["Approvals", "Something waits for a second person"],
  webhooks: ["Webhooks", "An endpoint was switched off after failing"],
  mentions: ["Mentions", "A colleague names you in a note about a customer"],
  money_overdue: ["Money that is late", "A provider has not paid over what it should have"],
  balances: ["Balances", "An account went over or under a limit"],
  problems: ["Problems of customers", "A customer says that a movement of a wallet is wrong"],
  problem_answers: ["Answers to your problems", "What you said was wrong has an answer"],
  disputes: ["Disputes", "A customer asks the bank for money back, and how it ends"],
  installments_due: ["Parts that fall due", "Before one is collected, when it fails, and when a late fee is added"],
  cashback_expiring: ["Cashback that runs out", "Some days before it does"],
  stock_low: ["Stock that runs low", "A product came down to its reorder point"],
};
const CHANNELS: [Channel, string][] = [
  ["inbox", "Here"],
  ["email", "E-mail"],
  ["telegram", "Telegram"],
];

/** What somebody wants to hear of, where, and in which language. */
export function ChoicesPage() {
  const wishes = useThing<Wishes>(PATH);
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader
        title="Choose what you hear of"
        note="It holds for you in this organisation, and for nobody else"
        actions={<ButtonLink href="/inbox/">Notices</ButtonLink>}
      />
      {wishes.error && <ErrorState problem={wishes.error} onRetry={() => wishes.refetch()} />}
      {wishes.isPending && <Skeleton lines={6} />}
      {wishes.data && (
        <div className="space-y-6">
          <ChoicesForm wishes={wishes.data} />
          <TelegramSheet wishes={wishes.data} />
        </div>
      )}
    </div>
  );
}

function ChoicesForm({ wishes }: { wishes: Wishes }) {
  const save = useAction();
  const [saved, setSaved] = useState(false);
  const kinds = Object.entries(wishes.choices);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chosen = kinds.map(([kind]) => [kind, choiceIn(form, kind)]);
    const body = { language: form.get("language"), choices: Object.fromEntries(chosen) };
    setSaved(await save.run(() => api.put(PATH, body)));
  }

  return (
    <Sheet title="Kinds of notices">
      <form onSubmit={submit} onChange={() => setSaved(false)} className="space-y-5">
        {kinds.length === 0 && <p className="text-soft">Nothing that people are told of concerns your role.</p>}
        <div className="divide-y divide-rule">
          {kinds.map(([kind, choice]) => (
            <KindLine key={kind} kind={kind} choice={choice} hasTelegram={wishes.has_telegram_chat} />
          ))}
        </div>
        <SelectField label="Language of notices" name="language" defaultValue={wishes.language}>
          <option value="en">English</option>
          <option value="id">Bahasa Indonesia</option>
        </SelectField>
        {save.problem && <ErrorState problem={save.problem} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button kind="primary" type="submit" busy={save.busy}>
            Save
          </Button>
          {saved && <p role="status">Saved.</p>}
        </div>
      </form>
    </Sheet>
  );
}

function choiceIn(form: FormData, kind: string): Choice {
  const wanted = form.getAll(kind);
  return { inbox: wanted.includes("inbox"), email: wanted.includes("email"), telegram: wanted.includes("telegram") };
}

type KindProps = { kind: string; choice: Choice; hasTelegram: boolean };

function KindLine({ kind, choice, hasTelegram }: KindProps) {
  const [name, when] = KINDS[kind] ?? [kind, ""];
  // A choice that is already there may be taken back also without a chat.
  const open = CHANNELS.filter(([channel]) => channel !== "telegram" || hasTelegram || choice.telegram);
  return (
    <fieldset className="py-3">
      <legend className="float-left font-medium">{name}</legend>
      <div className="clear-both flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="text-soft text-xs">{when}</p>
        <div className="flex gap-4">
          {open.map(([channel, label]) => (
            <label key={channel} className="flex min-h-6 items-center gap-2 text-xs">
              <input type="checkbox" name={kind} value={channel} defaultChecked={choice[channel]} />
              {label}
            </label>
          ))}
        </div>
      </div>
    </fieldset>
  );
}
