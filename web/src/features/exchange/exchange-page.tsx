"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { useList } from "@/client/queries";
import type { Wallet } from "@/features/wallets/contract";
import { useWalletName } from "@/features/wallets/wallet-name";
import type { Say } from "@/messages/words";
import { Button, ButtonLink } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { type Fact, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import type { Exchange, ExchangeOrder } from "./contract";

type Draft = { order: ExchangeOrder; preview: Exchange };

/** From one's own wallet into another currency: what it gives is shown before, and never less is given. */
export function ExchangePage() {
  const t = useTranslations("exchange");
  const wallets = useList<Wallet>("/wallets");
  if (wallets.isLoading) return <Skeleton lines={6} />;
  if (wallets.error) return <ErrorState problem={wallets.error} onRetry={wallets.refetch} />;
  const has = new Set(wallets.rows.map(({ currency }) => currency));
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title={t("title")} note={t("note")} />
      {has.size < 2 ? (
        <EmptyState title={t("oneCurrency")} why={t("oneCurrencyWhy")} />
      ) : (
        <Sheet>
          <ExchangeForm wallets={wallets.rows} />
        </Sheet>
      )}
    </div>
  );
}

function ExchangeForm({ wallets }: { wallets: Wallet[] }) {
  const words = useTranslations("wallets");
  const t = useTranslations("exchange");
  const nameOf = useWalletName();
  const post = useKeyedPost();
  const queries = useQueryClient();
  const [from, setFrom] = useState(wallets[0]?.id);
  const [minor, setMinor] = useState<number | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [made, setMade] = useState<Exchange | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const source = wallets.find(({ id }) => id === from);
  if (made) return <Done made={made} />;
  if (!source) return null;

  async function attempt(act: () => Promise<void>) {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      const refused = asProblem(error);
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  }

  function check(event: FormEvent<HTMLFormElement>, seller: Wallet) {
    event.preventDefault();
    if (!minor) return;
    const asked: ExchangeOrder = {
      from_wallet_id: seller.id,
      to_wallet_id: String(new FormData(event.currentTarget).get("to")),
      amount: { amount: minor, currency: seller.currency },
    };
    void attempt(async () => {
      const preview = await api.post<Exchange>("/exchanges", asked, { query: { dry_run: true } });
      setDraft({ order: { ...asked, at_least: preview.bought }, preview });
    });
  }

  const confirm = ({ order }: Draft) =>
    attempt(async () => {
      setMade(await post<Exchange>("/exchanges", order));
      await queries.invalidateQueries();
    });

  return (
    <form onSubmit={(event) => check(event, source)} className="space-y-4">
      <SelectField label={words("fromWallet")} value={source.id} onChange={(event) => setFrom(event.target.value)}>
        {wallets.map((wallet) => (
          <option key={wallet.id} value={wallet.id}>
            {nameOf(wallet)}
          </option>
        ))}
      </SelectField>
      <p className="text-soft">
        {words("available")} <Money value={source.available} className="font-medium text-ink" />
      </p>
      <SelectField label={t("into")} name="to">
        {wallets
          .filter(({ currency }) => currency !== source.currency)
          .map((wallet) => (
            <option key={wallet.id} value={wallet.id}>
              {nameOf(wallet)}
            </option>
          ))}
      </SelectField>
      <MoneyInput
        label={words("amount")}
        currency={source.currency}
        onChange={setMinor}
        error={problem?.messageFor("amount")}
      />
      {problem && !draft && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} disabled={!minor} className="w-full">
        {words("checkAndContinue")}
      </Button>
      {draft && (
        <ConfirmMoney
          open
          title={t("title")}
          amount={draft.preview.sold}
          facts={factsOf(t, draft.preview)}
          balances={[]}
          confirmLabel={t("now")}
          busy={busy}
          problem={problem}
          onConfirm={() => confirm(draft)}
          onClose={() => {
            setDraft(null);
            setProblem(null);
          }}
        />
      )}
    </form>
  );
}

function factsOf(t: Say<"exchange">, { bought, rate }: Exchange): Fact[] {
  return [
    [t("youGet"), <Money key="bought" value={bought} />],
    [t("rate"), `1 ${rate.base} = ${rate.rate} ${rate.quote}`],
  ];
}

function Done({ made }: { made: Exchange }) {
  const t = useTranslations("exchange");
  return (
    <div role="status" className="space-y-3 py-4 text-center">
      <State state="exchanged" tone="success" />
      <p className="text-xl">
        <Money value={made.bought} />
      </p>
      <p className="text-soft">{t.rich("for", { amount: () => <Money value={made.sold} /> })}</p>
      <ButtonLink href={`/wallets/activity/?id=${made.to_wallet_id}`} kind="primary">
        {t("seeWallet")}
      </ButtonLink>
    </div>
  );
}
