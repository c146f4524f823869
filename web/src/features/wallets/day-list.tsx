"use client";

import { ArrowDownLeft, ArrowUpRight } from "lucide-react";
import { useTranslations } from "use-intl";
import type { Listing } from "@/client/queries";
import { formatDay, groupByDay } from "@/lib/dates";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { useZone } from "@/ui/zone";
import type { WalletLine } from "./contract";

type Props = { list: Listing<WalletLine>; walletId: string; more?: boolean; sought?: string };

/** A wallet's history by business day, the balance after each line beside it. */
export function DayList({ list, walletId, more = true, sought = "" }: Props) {
  const t = useTranslations("wallets");
  const ui = useTranslations("ui");
  const zone = useZone();
  const locale = useFormat();
  if (list.isLoading) return <Skeleton lines={5} />;
  if (list.error) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  if (list.rows.length === 0 && sought) {
    return <EmptyState title={t("nothingFound")} why={t("nothingFoundWhy", { text: sought })} />;
  }
  if (list.rows.length === 0) {
    return <EmptyState title={t("nothingHere")} why={t("nothingHereWhy")} example={t("nothingHereExample")} />;
  }
  return (
    <>
      {groupByDay(list.rows, (row) => row.recorded_at, zone).map(([day, rows]) => (
        <section key={day}>
          <h3 className="border-rule border-b bg-well px-4 py-1.5 font-medium text-soft text-xs">
            {formatDay(rows[0]?.recorded_at ?? day, zone, locale)}
          </h3>
          <ul className="divide-y divide-rule">
            {rows.map((row) => (
              <Line key={`${row.entry_id}${row.direction}`} line={row} walletId={walletId} />
            ))}
          </ul>
        </section>
      ))}
      {more && list.hasMore && (
        <div className="no-print border-rule border-t p-3 text-center">
          <Button kind="quiet" busy={list.isLoadingMore} onClick={list.loadMore}>
            {ui("showMore")}
          </Button>
        </div>
      )}
    </>
  );
}

function Line({ line, walletId }: { line: WalletLine; walletId: string }) {
  const t = useTranslations("wallets");
  const about = aboutOf(t, line);
  const isIn = line.direction === "in";
  const Icon = isIn ? ArrowDownLeft : ArrowUpRight;
  const signed = { ...line.amount, amount: isIn ? line.amount.amount : -line.amount.amount };
  const isFinal = ["posted", "settled", "completed"].includes(line.state);
  return (
    <li className="relative flex items-center gap-3 px-4 py-3 hover:bg-well">
      <span className="hidden rounded-full bg-well p-2 text-soft sm:block">
        <Icon size={14} aria-hidden="true" />
      </span>
      <div className="min-w-0 flex-1">
        <Link
          href={`/wallets/activity/?id=${walletId}&entry=${line.entry_id}`}
          className="block truncate font-medium after:absolute after:inset-0"
        >
          {nameOf(t, line)}
        </Link>
        <p className="truncate text-soft text-xs">
          <When at={line.recorded_at} show="time" />
          {about && <> · {about}</>}
        </p>
        {!isFinal && <State state={line.state} />}
      </div>
      <div className="text-end">
        <Money value={signed} signed className="font-medium" />
        <p className="text-soft text-xs">
          <span className="sr-only">{`${t("balanceAfter")} `}</span>
          <Money value={line.balance_after} />
        </p>
      </div>
    </li>
  );
}

/** Who the money came from or went to; without a name, what it was. */
export function nameOf(t: Say<"wallets">, line: WalletLine): string {
  const name = line.counterparty.display_name;
  if (!name) return line.description;
  return t(line.direction === "in" ? "fromSomebody" : "toSomebody", { name });
}

/** What was said with it, or what kind of movement it is unless that is its name already. */
function aboutOf(t: Say<"wallets">, line: WalletLine): string | null {
  return line.note ?? (nameOf(t, line) === line.description ? null : line.description);
}
