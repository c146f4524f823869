"use client";

import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Transfer } from "./contract";

/** Transfers that leave later, each to be called off until then; nothing where none was planned. */
export function Scheduled({ walletId }: { walletId: string }) {
  const t = useTranslations("wallets");
  const ui = useTranslations("ui");
  const list = useList<Transfer>("/transfers", { wallet_id: walletId });
  if (list.error) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  if (list.rows.length === 0) return null;
  return (
    <Sheet title={t("sentLater")} flush className="mb-6">
      <ul className="divide-y divide-rule">
        {list.rows.map((transfer) => (
          <Planned key={transfer.id} transfer={transfer} />
        ))}
      </ul>
      {list.hasMore && (
        <div className="no-print border-rule border-t p-3 text-center">
          <Button kind="quiet" busy={list.isLoadingMore} onClick={list.loadMore}>
            {ui("showMore")}
          </Button>
        </div>
      )}
    </Sheet>
  );
}

function Planned({ transfer }: { transfer: Transfer }) {
  const t = useTranslations("wallets");
  const can = useCan();
  const cancel = useAction();
  const entry = transfer.entry_id
    ? `/wallets/activity/?id=${transfer.from_wallet_id}&entry=${transfer.entry_id}`
    : undefined;
  return (
    <li className="space-y-3 px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0 space-y-1">
          <p className="flex flex-wrap items-center gap-2">
            <Money value={transfer.amount} href={entry} className="font-medium" />
            <State state={transfer.state} />
          </p>
          <p className="text-soft text-xs">
            {t.rich("plannedFor", { at: () => <When at={transfer.scheduled_for} /> })} · <Id value={transfer.id} />
          </p>
          {transfer.note && <p className="break-words text-xs">{transfer.note}</p>}
          {transfer.failure && (
            <p className="text-xs">{t("notMade", { why: transfer.failure.replaceAll("_", " ") })}</p>
          )}
        </div>
        {transfer.state === "scheduled" && can("transfers:create") && (
          <Button busy={cancel.busy} onClick={() => cancel.run(() => api.post(`/transfers/${transfer.id}/cancel`))}>
            {t("cancel")}
          </Button>
        )}
      </div>
      {cancel.problem && <ErrorState problem={cancel.problem} />}
    </li>
  );
}
