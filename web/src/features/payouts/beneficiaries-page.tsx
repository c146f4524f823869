"use client";

import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { AddBeneficiary } from "./add-beneficiary";
import { bankName } from "./banks";
import type { Beneficiary } from "./contract";

export function BeneficiariesPage() {
  const t = useTranslations("payouts");
  const ui = useTranslations("ui");
  const { party_id: own } = useSession();
  const can = useCan();
  const list = useList<Beneficiary>("/beneficiaries", { limit: 50 });
  const mayAdd = own !== null && can("payouts:create");
  return (
    <>
      <PageHeader
        title={t("accounts")}
        note={t("accountsNote")}
        actions={
          <>
            <ButtonLink href="/payouts/">{t("payouts")}</ButtonLink>
            {mayAdd && <AddBeneficiary />}
          </>
        }
      />
      {list.error && <ErrorState problem={list.error} onRetry={list.refetch} />}
      {list.isLoading && <Skeleton lines={5} />}
      {!list.isLoading && !list.error && list.rows.length === 0 && (
        <EmptyState title={t("noAccounts")} why={t("noAccountsWhy")} example={t("noAccountsExample")} />
      )}
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {list.rows.map((row) => (
          <AccountCard key={row.id} row={row} mayChange={can("payouts:create")} />
        ))}
      </div>
      {list.hasMore && (
        <div className="mt-4 text-center">
          <Button kind="quiet" busy={list.isLoadingMore} onClick={list.loadMore}>
            {ui("showMore")}
          </Button>
        </div>
      )}
    </>
  );
}

function AccountCard({ row, mayChange }: { row: Beneficiary; mayChange: boolean }) {
  const t = useTranslations("payouts");
  const act = useAction();
  const isNew = row.status === "verified" && new Date(row.usable_from) > new Date();
  const path = `/beneficiaries/${row.id}`;
  return (
    <Sheet>
      <div className="flex items-start justify-between gap-2">
        <h2 className="font-medium">{row.label || row.holder_name || bankName(row.bank_code)}</h2>
        {isNew ? <State state="waiting" word={t("coolingOff")} /> : <State state={row.status} />}
      </div>
      <p className="mt-1 text-soft">
        {row.rail === "ewallet" ? t("ewallet") : t("bank")} {row.bank_code}{" "}
        <span className="figures">{row.number_hint}</span>
      </p>
      <p className="mt-3">{row.holder_name ?? <span className="text-soft">{t("holderUnknown")}</span>}</p>
      {isNew && (
        <p className="mt-1 text-soft text-xs">{t.rich("usableFrom", { at: () => <When at={row.usable_from} /> })}</p>
      )}
      {act.problem && <ErrorState problem={act.problem} />}
      {mayChange && (
        <div className="no-print mt-4 flex flex-wrap gap-2">
          {row.status !== "verified" && (
            <Button busy={act.busy} onClick={() => act.run(() => api.post(`${path}/check`, {}))}>
              {t("askAgain")}
            </Button>
          )}
          <Button kind="quiet" busy={act.busy} onClick={() => act.run(() => api.delete(path))}>
            {t("remove")}
          </Button>
        </div>
      )}
    </Sheet>
  );
}
