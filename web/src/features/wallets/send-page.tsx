"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { useList } from "@/client/queries";
import type { Say } from "@/messages/words";
import { Button, ButtonLink } from "@/ui/button";
import { type BalanceChange, ConfirmMoney } from "@/ui/confirm-money";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import type { Order, Recipient, Transfer, Wallet } from "./contract";
import { useLimitName } from "./limit-name";
import { useWalletName } from "./wallet-name";

type Draft = { order: Order; recipient: Recipient; preview: Transfer };

export function SendPage() {
  const t = useTranslations("wallets");
  const from = useSearchParams().get("from");
  const limitName = useLimitName();
  const wallets = useList<Wallet>("/wallets");
  const queries = useQueryClient();
  const post = useKeyedPost();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<{ transfer: Transfer; recipient: Recipient } | null>(null);

  async function confirm({ order, recipient }: Draft) {
    setBusy(true);
    setProblem(null);
    try {
      const transfer = await post<Transfer>("/transfers", order);
      await queries.invalidateQueries();
      setSent({ transfer, recipient });
      setDraft(null);
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  if (wallets.isLoading) return <Skeleton lines={6} />;
  if (wallets.error) return <ErrorState problem={wallets.error} onRetry={wallets.refetch} />;
  if (sent) return <Sent {...sent} onAgain={() => setSent(null)} />;
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title={t("sendMoney")} note={t("sendNote")} />
      <Sheet>
        <SendForm wallets={wallets.rows} from={from} onReady={setDraft} />
      </Sheet>
      {draft && (
        <ConfirmMoney
          open
          title={t("sendTo", { name: draft.recipient.display_name })}
          amount={draft.order.amount}
          facts={factsOf(t, limitName, draft)}
          balances={balancesOf(t, draft)}
          confirmLabel={draft.order.scheduled_for ? t("schedule") : t("sendNow")}
          busy={busy}
          problem={problem}
          onConfirm={() => confirm(draft)}
          onClose={() => {
            setDraft(null);
            setProblem(null);
          }}
        />
      )}
    </div>
  );
}

type FormProps = { wallets: Wallet[]; from: string | null; onReady: (draft: Draft) => void };

function SendForm({ wallets, from, onReady }: FormProps) {
  const t = useTranslations("wallets");
  const nameOf = useWalletName();
  const [walletId, setWalletId] = useState(from ?? wallets[0]?.id ?? "");
  const [minor, setMinor] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const wallet = wallets.find((candidate) => candidate.id === walletId) ?? wallets[0];
  if (!wallet) return <p>{t("noWalletToSend")}</p>;

  async function check(event: FormEvent<HTMLFormElement>, source: Wallet) {
    event.preventDefault();
    if (minor === null || minor <= 0) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      const query = { from_wallet_id: source.id, query: String(form.get("recipient")).trim() };
      const recipient = await api.get<Recipient>("/transfers/recipient", query);
      const order = orderOf(form, source, recipient, minor);
      const preview = await api.post<Transfer>("/transfers", order, { query: { dry_run: true } });
      onReady({ order, recipient, preview });
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => check(event, wallet)} className="space-y-4">
      <SelectField label={t("fromWallet")} value={wallet.id} onChange={(event) => setWalletId(event.target.value)}>
        {wallets.map((candidate) => (
          <option key={candidate.id} value={candidate.id}>
            {nameOf(candidate)}
          </option>
        ))}
      </SelectField>
      <p className="text-soft">
        {t("available")} <Money value={wallet.available} className="font-medium text-ink" />
      </p>
      <TextField
        label={t("toRecipient")}
        name="recipient"
        required
        autoComplete="off"
        hint={t("recipientHint")}
        error={problem?.messageFor("to") ?? problem?.messageFor("query")}
      />
      <MoneyInput
        label={t("amount")}
        currency={wallet.currency}
        onChange={setMinor}
        error={problem?.messageFor("amount")}
      />
      <TextField
        label={t("note")}
        name="note"
        maxLength={140}
        autoComplete="off"
        hint={t("noteHint")}
        error={problem?.messageFor("note")}
      />
      <details>
        <summary className="text-accent underline underline-offset-4">{t("sendLater")}</summary>
        <div className="mt-3">
          <TextField label={t("when")} name="scheduled_for" type="datetime-local" hint={t("ownZone")} />
        </div>
      </details>
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} disabled={!minor} className="w-full">
        {t("checkAndContinue")}
      </Button>
    </form>
  );
}

function orderOf(form: FormData, wallet: Wallet, recipient: Recipient, minor: number): Order {
  const later = String(form.get("scheduled_for") ?? "");
  const note = String(form.get("note") ?? "").trim();
  return {
    from_wallet_id: wallet.id,
    to: { wallet_id: recipient.wallet_id },
    amount: { amount: minor, currency: wallet.currency },
    ...(note && { note }),
    ...(later && { scheduled_for: new Date(later).toISOString() }),
  };
}

function factsOf(t: Say<"wallets">, limitName: (kind: string) => string, { order, recipient, preview }: Draft): Fact[] {
  const limits = preview.limits_left.map(
    (limit): Fact => [t("afterThis", { limit: limitName(limit.kind) }), <Money key={limit.kind} value={limit.left} />],
  );
  return [
    [t("toRecipient"), recipient.display_name],
    ...noteFact(t, preview),
    [t("fee"), t("none")],
    [t("total"), <Money key="total" value={order.amount} />],
    ...limits,
  ];
}

function noteFact(t: Say<"wallets">, { note }: Transfer): Fact[] {
  return note ? [[t("note"), note]] : [];
}

function balancesOf(t: Say<"wallets">, { order, preview }: Draft): BalanceChange[] {
  const after = preview.balance_after;
  if (!after) return [];
  return [{ name: t("yourWallet"), before: { ...after, amount: after.amount + order.amount.amount }, after }];
}

type SentProps = { transfer: Transfer; recipient: Recipient; onAgain: () => void };

function Sent({ transfer, recipient, onAgain }: SentProps) {
  const t = useTranslations("wallets");
  const wallet = `/wallets/activity/?id=${transfer.from_wallet_id}`;
  const activity = transfer.entry_id ? `${wallet}&entry=${transfer.entry_id}` : wallet;
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title={transfer.state === "scheduled" ? t("scheduled") : t("sent")} />
      <Sheet>
        <div role="status" className="py-4 text-center">
          <State state={transfer.state} />
          <p className="mt-3 text-xl">
            <Money value={transfer.amount} href={activity} />
          </p>
          <p className="text-soft">{t("sentTo", { name: recipient.display_name })}</p>
        </div>
        <Facts facts={[...noteFact(t, transfer), [t("transfer"), <Id key="id" value={transfer.id} />]]} />
        <div className="mt-4 flex flex-wrap justify-center gap-2">
          <Button onClick={onAgain}>{t("sendAgain")}</Button>
          <ButtonLink href={activity}>{transfer.entry_id ? t("seeEntry") : t("seePlanned")}</ButtonLink>
          <ButtonLink href="/wallets/" kind="primary">
            {t("done")}
          </ButtonLink>
        </div>
      </Sheet>
    </div>
  );
}
