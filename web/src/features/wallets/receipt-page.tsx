"use client";

import { Printer } from "lucide-react";
import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import { useSession } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Wallet, WalletLine } from "./contract";
import { nameOf } from "./day-list";
import { useHistory } from "./history";
import { WalletTitle } from "./wallet-title";

const DEFAULTS = { id: "", entry: "" };

/** The receipt of one movement, to print or keep: who, how much, when, and the reference that finds it again. */
export function ReceiptPage() {
  const t = useTranslations("wallets");
  const [view] = useUrlState(DEFAULTS);
  const path = view.id ? `/wallets/${encodeURIComponent(view.id)}` : null;
  const wallet = useThing<Wallet>(path);
  const history = useHistory(view.entry ? view.id : "", { q: view.entry, limit: 1 });
  const line = history.rows[0];
  const problem = wallet.error ?? history.error;
  const again = () => {
    void wallet.refetch();
    history.refetch();
  };
  if (problem) return <ErrorState problem={problem} onRetry={again} />;
  if (path && (history.isLoading || !wallet.data)) return <Skeleton lines={6} />;
  if (!line || !wallet.data) return <EmptyState title={t("receiptMissing")} why={t("receiptMissingWhy")} />;
  return (
    <div className="mx-auto max-w-[440px]">
      <PageHeader
        title={t("receipt")}
        actions={
          <>
            <ButtonLink href={`/wallets/activity/?id=${view.id}&entry=${view.entry}`}>{t("activity")}</ButtonLink>
            <Button kind="primary" icon={<Printer size={14} aria-hidden />} onClick={() => window.print()}>
              {t("print")}
            </Button>
          </>
        }
      />
      <Receipt wallet={wallet.data} line={line} />
    </div>
  );
}

function Receipt({ wallet, line }: { wallet: Wallet; line: WalletLine }) {
  const t = useTranslations("wallets");
  const { tenant } = useSession();
  const facts: Fact[] = [
    [t("state"), <State key="state" state={line.state} />],
    [t("when"), <When key="when" at={line.effective_at} />],
    [t("what"), line.description],
    ...(line.note ? [[t("note"), line.note] satisfies Fact] : []),
    [t("wallet"), <WalletTitle key="wallet" wallet={wallet} />],
    // Whole, because on paper nothing can be opened.
    [
      t("reference"),
      <span key="reference" className="break-all font-mono text-xs">
        {line.entry_id}
      </span>,
    ],
    [t("issuedBy"), tenant.name],
  ];
  return (
    <Sheet>
      <p className="font-medium">{nameOf(t, line)}</p>
      <p className="my-3 text-xl">
        <span className="block text-soft text-xs">{t(line.direction === "in" ? "received" : "paid")}</span>
        <Money value={line.amount} />
      </p>
      <Facts facts={facts} />
    </Sheet>
  );
}
