"use client";

import { Printer } from "lucide-react";
import { useTranslations } from "use-intl";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { dayAfter, printedDays, startOfBusinessDay } from "@/lib/dates";
import { useUrlState } from "@/lib/url-state";
import { useLanguage } from "@/messages/provider";
import { Button, ButtonLink, DownloadLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { SearchBox } from "@/ui/search-box";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { useZone } from "@/ui/zone";
import type { Wallet, WalletLine } from "./contract";
import { DayList, nameOf } from "./day-list";
import { useHistory } from "./history";
import { Holds } from "./holds";
import { WhereFrom } from "./provenance";
import { ReportProblem } from "./report-problem";
import { Scheduled } from "./scheduled";
import { WalletChoice } from "./wallet-choice";
import { WalletTitle } from "./wallet-title";

const DEFAULTS = { id: "", since: "", until: "", q: "", entry: "" };

export function ActivityPage() {
  const t = useTranslations("wallets");
  const { language } = useLanguage();
  const [view, change] = useUrlState(DEFAULTS);
  const wallets = useList<Wallet>("/wallets");
  const wallet = wallets.rows.find((row) => row.id === view.id) ?? (view.id ? undefined : wallets.rows[0]);
  const walletId = view.id || wallet?.id || "";
  if (wallets.isLoading) return <Skeleton lines={6} />;
  if (wallets.error) return <ErrorState problem={wallets.error} onRetry={wallets.refetch} />;
  if (!walletId) return <EmptyState title={t("noWalletForActivity")} why={t("noWalletForActivityWhy")} />;
  return (
    <>
      <PageHeader
        title={t("activity")}
        note={
          wallet && (
            <>
              <WalletTitle wallet={wallet} /> ·{" "}
              {t.rich("availableNow", {
                amount: () => <Money value={wallet.available} className="font-medium text-base text-ink" />,
              })}
            </>
          )
        }
        actions={
          <>
            <DownloadLink href={`/api/v1/wallets/${walletId}/history.csv`}>CSV</DownloadLink>
            <DownloadLink
              href={`/api/v1/wallets/${walletId}/movements.pdf${printedDays(view.since, view.until, language)}`}
            >
              PDF
            </DownloadLink>
            <Button icon={<Printer size={14} aria-hidden />} onClick={() => window.print()}>
              {t("print")}
            </Button>
          </>
        }
      />
      <WalletChoice wallets={wallets.rows} chosen={walletId} onChoose={(id) => change({ id, entry: "" })} />
      <Activity walletId={walletId} view={view} change={change} />
    </>
  );
}

type View = typeof DEFAULTS;
type Part = { walletId: string; view: View; change: (part: Partial<View>) => void };

function Activity({ walletId, view, change }: Part) {
  const t = useTranslations("wallets");
  const zone = useZone();
  const history = useHistory(walletId, {
    since: view.since && startOfBusinessDay(view.since, zone),
    until: view.until && startOfBusinessDay(dayAfter(view.until), zone),
    q: view.q,
  });
  const opened = history.rows.find((row) => row.entry_id === view.entry);
  return (
    <>
      <Holds walletId={walletId} />
      <Scheduled walletId={walletId} />
      <WhereFrom walletId={walletId} />
      <div className="no-print mb-3 flex">
        <SearchBox label={t("searchHistory")} value={view.q} onSearch={(q) => change({ q })} />
      </div>
      <div className="no-print mb-4 grid max-w-md grid-cols-2 gap-3">
        <TextField
          label={t("from")}
          type="date"
          value={view.since}
          onChange={(event) => change({ since: event.target.value })}
        />
        <TextField
          label={t("to")}
          type="date"
          value={view.until}
          onChange={(event) => change({ until: event.target.value })}
        />
      </div>
      <Sheet title={t("history")} flush>
        <DayList list={history} walletId={walletId} sought={view.q} />
      </Sheet>
      <Dialog
        open={opened !== undefined}
        onOpenChange={(open) => !open && change({ entry: "" })}
        title={t("entry")}
        side="end"
      >
        {opened && <Entry line={opened} walletId={walletId} />}
      </Dialog>
    </>
  );
}

function Entry({ line, walletId }: { line: WalletLine; walletId: string }) {
  const t = useTranslations("wallets");
  const can = useCan();
  const postings = can("ledger:read") ? `/ledger/entry/?id=${line.entry_id}` : undefined;
  const signed = { ...line.amount, amount: line.direction === "in" ? line.amount.amount : -line.amount.amount };
  const facts: Fact[] = [
    [t("state"), <State key="state" state={line.state} />],
    [t("when"), <When key="when" at={line.effective_at} />],
    [t("writtenDown"), <When key="recorded" at={line.recorded_at} />],
    [t("what"), line.description],
    ...(line.note ? [[t("note"), line.note] satisfies Fact] : []),
    [t("balanceAfter"), <Money key="balance" value={line.balance_after} />],
    [t("entry"), <Id key="id" value={line.entry_id} />],
  ];
  return (
    <>
      <p className="font-medium">{nameOf(t, line)}</p>
      <p className="my-3 text-xl">
        <Money value={signed} signed href={postings} />
      </p>
      <Facts facts={facts} />
      <div className="mt-4">
        <ButtonLink href={`/wallets/receipt/?id=${walletId}&entry=${line.entry_id}`}>{t("receipt")}</ButtonLink>
      </div>
      <ReportProblem walletId={walletId} entryId={line.entry_id} />
    </>
  );
}
