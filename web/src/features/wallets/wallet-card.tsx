import { ArrowUpRight, Landmark, Plus, Send } from "lucide-react";
import { useTranslations } from "use-intl";
import type { Say } from "@/messages/words";
import { ButtonLink } from "@/ui/button";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import type { Wallet } from "./contract";
import { OwnFreeze } from "./own-freeze";
import { takesTopUps } from "./top-ups";
import { WalletTitle } from "./wallet-title";

type Rights = { canSend: boolean; canWithdraw: boolean };

/** One wallet: what can be spent now, and what is on its way or set aside. Wallets are never summed across currencies. */
export function WalletCard({ wallet, canSend, canWithdraw }: Rights & { wallet: Wallet }) {
  const t = useTranslations("wallets");
  const activity = `/wallets/activity/?id=${wallet.id}`;
  const isFrozen = wallet.frozen.debits || wallet.frozen.credits;
  return (
    <Sheet>
      <div className="flex items-center justify-between gap-2">
        <h2 className="font-medium text-sm text-soft">
          <WalletTitle wallet={wallet} />
        </h2>
        {isFrozen && <State state="frozen" word={frozenWord(t, wallet)} />}
      </div>
      <p className="mt-3 text-soft text-xs">{t("available")}</p>
      <p className="mt-1 font-medium text-xl">
        <Money value={wallet.available} href={activity} />
      </p>
      <dl className="mt-4 grid grid-cols-2 gap-3 border-rule border-t pt-3">
        <Part name={t("pending")} wallet={wallet} part="pending" />
        <Part name={t("onHold")} wallet={wallet} part="held" />
      </dl>
      <div className="no-print mt-4 flex flex-wrap gap-2">
        {canSend && (
          <ButtonLink href={`/wallets/send/?from=${wallet.id}`} kind="primary" icon={<Send size={14} aria-hidden />}>
            {t("send")}
          </ButtonLink>
        )}
        {canSend && takesTopUps(wallet) && (
          <ButtonLink href={`/wallets/top-up/?to=${wallet.id}`} icon={<Plus size={14} aria-hidden />}>
            {t("topUp")}
          </ButtonLink>
        )}
        {canWithdraw && (
          <ButtonLink href={`/payouts/withdraw/?from=${wallet.id}`} icon={<Landmark size={14} aria-hidden />}>
            {t("withdraw")}
          </ButtonLink>
        )}
        <ButtonLink href={activity} kind="quiet" icon={<ArrowUpRight size={14} aria-hidden />}>
          {t("activity")}
        </ButtonLink>
        <OwnFreeze wallet={wallet} />
      </div>
    </Sheet>
  );
}

function Part({ name, wallet, part }: { name: string; wallet: Wallet; part: "pending" | "held" }) {
  return (
    <div>
      <dt className="text-soft text-xs">{name}</dt>
      <dd className="mt-0.5">
        <Money value={wallet[part]} href={`/wallets/activity/?id=${wallet.id}`} />
      </dd>
    </div>
  );
}

function frozenWord(t: Say<"wallets">, { frozen }: Wallet): string {
  if (frozen.debits && frozen.credits) return t("frozen");
  return frozen.debits ? t("noMoneyOut") : t("noMoneyIn");
}
