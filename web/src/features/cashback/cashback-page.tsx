"use client";

import { Send } from "lucide-react";
import { useTranslations } from "use-intl";
import { useList, useThing } from "@/client/queries";
import { useUrlState } from "@/lib/url-state";
import type { Say } from "@/messages/words";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";
import { AccrualState, WhyButton } from "./accrual-parts";
import { BringAFriend } from "./bring-a-friend";
import type { Accrual, Summary } from "./contract";

const DEFAULTS = { status: "" };
const STATUSES = [
  ["", "all"],
  ["pending", "pending"],
  ["confirmed", "confirmed"],
  ["available", "available"],
  ["paid", "spent"],
  ["expired", "expired"],
  ["reversed", "reversed"],
] as const;

/** A customer's cashback: what can be spent, what is on its way, and why each piece is as much as it is. */
export function CashbackPage() {
  const t = useTranslations("cashback");
  const [view, change] = useUrlState(DEFAULTS);
  const summaries = useThing<{ data: Summary[] }>("/cashback/summary");
  const list = useList<Accrual>("/cashback/accruals", { status: view.status });
  return (
    <>
      <PageHeader title={t("title")} note={t("note")} />
      {summaries.isPending && <Skeleton lines={4} />}
      {summaries.error && <ErrorState problem={summaries.error} onRetry={() => summaries.refetch()} />}
      <div className="mb-6 grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {summaries.data?.data.map((summary) => (
          <SummaryCard key={summary.currency} summary={summary} />
        ))}
      </div>
      <div className="no-print mb-4">
        <Chips
          label={t("state")}
          options={STATUSES.map(([value, name]) => [value, t(name)])}
          value={view.status}
          onChange={(status) => change({ status })}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="cashback"
          caption={t("caption")}
          columns={columns(t)}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title={view.status ? t("noneInState") : t("none")}
              why={t("noneWhy")}
              example={t("noneExample")}
            />
          }
        />
      </Sheet>
      <BringAFriend accruals={list.rows} />
    </>
  );
}

function SummaryCard({ summary }: { summary: Summary }) {
  const t = useTranslations("cashback");
  const next = summary.lots.find((lot) => lot.expires_at);
  return (
    <Sheet>
      <h2 className="font-medium text-sm text-soft">{summary.currency}</h2>
      <p className="mt-3 text-soft text-xs">{t("available")}</p>
      <p className="mt-1 font-medium text-xl">
        <Money
          value={summary.available}
          href={summary.wallet_id ? `/wallets/activity/?id=${summary.wallet_id}` : undefined}
        />
      </p>
      {next?.expires_at && (
        <p className="mt-2 rounded bg-waiting-back px-2 py-1 text-waiting text-xs">
          {t.rich("runsOutOn", {
            amount: () => <Money value={next.left} quietCode={false} />,
            at: () => <When at={next.expires_at} />,
          })}
        </p>
      )}
      <div className="mt-3 border-rule border-t">
        <Facts facts={factsOf(t, summary)} />
      </div>
      {summary.wallet_id && summary.available.amount > 0 && (
        <ButtonLink href={`/wallets/send/?from=${summary.wallet_id}`} icon={<Send size={14} aria-hidden />}>
          {t("spend")}
        </ButtonLink>
      )}
    </Sheet>
  );
}

function factsOf(t: Say<"cashback">, summary: Summary): Fact[] {
  const rows: [string, Summary["pending"]][] = [
    [t("onItsWay"), summary.pending],
    [t("runsOutSoon"), summary.expiring],
    [t("spentSoFar"), summary.spent],
    [t("ranOut"), summary.expired],
    [t("youOwe"), summary.owed],
  ];
  const always = [t("onItsWay"), t("spentSoFar")];
  return rows
    .filter(([name, value]) => value.amount > 0 || always.includes(name))
    .map(([name, value]): Fact => [name, <Money key={name} value={value} />]);
}

function columns(t: Say<"cashback">): Column<Accrual>[] {
  return [
    { key: "created", header: t("bought"), file: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
    {
      key: "merchant",
      header: t("at"),
      file: (row) => row.merchant_name ?? row.merchant_id,
      cell: (row) => <span className="font-medium">{row.merchant_name ?? t("aShop")}</span>,
    },
    {
      key: "offer",
      header: t("offer"),
      file: (row) => row.offer_name,
      cell: (row) => row.offer_name ?? "—",
    },
    { key: "status", header: t("state"), file: (row) => row.status, cell: (row) => <AccrualState accrual={row} /> },
    { key: "next", header: t("next"), cell: (row) => <Next accrual={row} /> },
    {
      key: "paid",
      header: t("youPaid"),
      align: "right",
      file: (row) => row.purchase_amount ?? null,
      cell: (row) => (row.purchase_amount ? <Money value={row.purchase_amount} /> : "—"),
    },
    {
      key: "kept",
      header: t("title"),
      align: "right",
      file: (row) => row.kept,
      cell: (row) => <Money value={row.kept} className="font-medium" />,
    },
    { key: "why", header: t("why"), align: "right", cell: (row) => <WhyButton accrual={row} /> },
  ];
}

/** What happens to it next, and when. */
function Next({ accrual }: { accrual: Accrual }) {
  const t = useTranslations("cashback");
  if (accrual.status === "pending") return <span className="text-soft">{t("shopConfirms")}</span>;
  if (accrual.status === "confirmed")
    return <>{t.rich("availableAt", { at: () => <When at={accrual.matures_at} /> })}</>;
  if (accrual.status === "available" && accrual.expires_at && accrual.left?.amount !== 0)
    return <>{t.rich("runsOutAt", { at: () => <When at={accrual.expires_at} /> })}</>;
  return <span className="text-soft">—</span>;
}
