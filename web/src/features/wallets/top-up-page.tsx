"use client";

import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { useList } from "@/client/queries";
import type { PaymentRow } from "@/features/payments/contract";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { MoneyInput } from "@/ui/money-input";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Wallet } from "./contract";
import { takesTopUps } from "./top-ups";
import { WalletChoice } from "./wallet-choice";

export function TopUpPage() {
  const t = useTranslations("wallets");
  const to = useSearchParams().get("to");
  const wallets = useList<Wallet>("/wallets");
  const [chosen, setChosen] = useState(to);
  const rows = wallets.rows.filter(takesTopUps);
  const wallet = rows.find((row) => row.id === chosen) ?? rows[0];
  if (wallets.isLoading) return <Skeleton lines={5} />;
  if (wallets.error) return <ErrorState problem={wallets.error} onRetry={wallets.refetch} />;
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title={t("topUp")} note={t("topUpNote")} />
      {wallet && <WalletChoice wallets={rows} chosen={wallet.id} onChoose={setChosen} />}
      <Sheet>{wallet ? <TopUpForm key={wallet.id} wallet={wallet} /> : <p>{t("noWalletToTopUp")}</p>}</Sheet>
    </div>
  );
}

function TopUpForm({ wallet }: { wallet: Wallet }) {
  const t = useTranslations("wallets");
  const post = useKeyedPost();
  const [minor, setMinor] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!minor) return;
    const body = { party_id: wallet.party_id, amount: { amount: minor, currency: wallet.currency } };
    setBusy(true);
    setProblem(null);
    try {
      const payment = await post<PaymentRow>("/top-ups", body);
      window.location.assign(payment.checkout_url ?? `/payments/view/?id=${payment.id}`);
    } catch (error) {
      const refused = asProblem(error);
      setProblem(refused);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MoneyInput
        label={t("amount")}
        currency={wallet.currency}
        onChange={setMinor}
        error={problem?.messageFor("amount")}
      />
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} disabled={!minor} className="w-full">
        {t("continueToPay")}
      </Button>
    </form>
  );
}
