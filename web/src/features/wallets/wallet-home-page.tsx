"use client";

import { Send } from "lucide-react";
import { useTranslations } from "use-intl";
import { useList, useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Wallet, WalletLimits } from "./contract";
import { DayList } from "./day-list";
import { FirstSteps } from "./first-steps";
import { useHistory } from "./history";
import { useLimitName } from "./limit-name";
import { WalletCard } from "./wallet-card";

export function WalletHomePage() {
  const t = useTranslations("wallets");
  const me = useSession();
  const can = useCan();
  const canSend = can("transfers:create");
  const wallets = useList<Wallet>("/wallets");
  const [first] = wallets.rows;
  const isOwn = me.party_id !== null;
  return (
    <>
      <PageHeader
        title={isOwn ? t("wallet") : t("wallets")}
        actions={
          canSend && (
            <ButtonLink href="/wallets/send/" kind="primary" icon={<Send size={14} aria-hidden />}>
              {t("sendMoney")}
            </ButtonLink>
          )
        }
      />
      {me.role === "customer" && me.party_id && <FirstSteps partyId={me.party_id} />}
      {wallets.isLoading && <Skeleton lines={5} />}
      {wallets.error && <ErrorState problem={wallets.error} onRetry={wallets.refetch} />}
      {!wallets.isLoading && !wallets.error && !first && (
        <EmptyState title={t("noWallet")} why={t("noWalletWhy")} example={t("noWalletExample")} />
      )}
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {wallets.rows.map((wallet) => (
          <WalletCard key={wallet.id} wallet={wallet} canSend={canSend} canWithdraw={isOwn && can("payouts:create")} />
        ))}
      </div>
      {first && isOwn && (
        <div className="mt-6 grid gap-6 lg:grid-cols-[2fr_1fr]">
          <LatestEntries wallet={first} />
          <Limits walletId={first.id} />
        </div>
      )}
    </>
  );
}

function LatestEntries({ wallet }: { wallet: Wallet }) {
  const t = useTranslations("wallets");
  const history = useHistory(wallet.id, { limit: 8 });
  const href = `/wallets/activity/?id=${wallet.id}`;
  return (
    <Sheet title={t("latest")} flush actions={<ButtonLink href={href}>{t("allActivity")}</ButtonLink>}>
      <DayList list={history} walletId={wallet.id} more={false} />
    </Sheet>
  );
}

function Limits({ walletId }: { walletId: string }) {
  const t = useTranslations("wallets");
  const nameOf = useLimitName();
  const limits = useThing<WalletLimits[]>("/limits");
  const own = limits.data?.find((row) => row.wallet_id === walletId);
  if (!own || (own.limits.length === 0 && !own.per_item)) return null;
  const rows = own.limits.map((limit): Fact => [nameOf(limit.kind), <Money key={limit.kind} value={limit.left} />]);
  const each: Fact[] = own.per_item ? [[t("eachTime"), <Money key="each" value={own.per_item} />]] : [];
  return (
    <Sheet title={t("limitsIn", { currency: own.currency })} className="self-start">
      <Facts facts={[...rows, ...each]} />
    </Sheet>
  );
}
