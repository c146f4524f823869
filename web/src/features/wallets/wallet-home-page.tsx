"use client";

import { Send } from "lucide-react";
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
import { limitName } from "./limit-name";
import { WalletCard } from "./wallet-card";

export function WalletHomePage() {
  const me = useSession();
  const can = useCan();
  const canSend = can("transfers:create");
  const wallets = useList<Wallet>("/wallets");
  const [first] = wallets.rows;
  const isOwn = me.party_id !== null;
  return (
    <>
      <PageHeader
        title={isOwn ? "Wallet" : "Wallets"}
        actions={
          canSend && (
            <ButtonLink href="/wallets/send/" kind="primary" icon={<Send size={14} aria-hidden />}>
              Send money
            </ButtonLink>
          )
        }
      />
      {me.role === "customer" && me.party_id && <FirstSteps partyId={me.party_id} />}
      {wallets.isLoading && <Skeleton lines={5} />}
      {wallets.error && <ErrorState problem={wallets.error} onRetry={wallets.refetch} />}
      {!wallets.isLoading && !wallets.error && !first && (
        <EmptyState
          title="No wallet yet"
          why="A wallet holds money in one currency. One is opened when an account is."
          example="Available IDR 150,000.00 · Pending IDR 0.00 · On hold IDR 0.00"
        />
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
  const history = useHistory(wallet.id, { limit: 8 });
  const href = `/wallets/activity/?id=${wallet.id}`;
  return (
    <Sheet title="Latest" flush actions={<ButtonLink href={href}>All activity</ButtonLink>}>
      <DayList list={history} walletId={wallet.id} more={false} />
    </Sheet>
  );
}

function Limits({ walletId }: { walletId: string }) {
  const limits = useThing<WalletLimits[]>("/limits");
  const own = limits.data?.find((row) => row.wallet_id === walletId);
  if (!own || (own.limits.length === 0 && !own.per_item)) return null;
  const rows = own.limits.map((limit): Fact => [limitName(limit.kind), <Money key={limit.kind} value={limit.left} />]);
  const each: Fact[] = own.per_item ? [["Each time, at most", <Money key="each" value={own.per_item} />]] : [];
  return (
    <Sheet title={`Limits in ${own.currency}`} className="self-start">
      <Facts facts={[...rows, ...each]} />
    </Sheet>
  );
}
