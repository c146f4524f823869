"use client";

import type { ReactNode } from "react";
import type { Page } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import type { Wallet } from "@/features/wallets/contract";
import { businessDay } from "@/lib/dates";
import type { Amount } from "@/lib/money";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Dashboard } from "./contract";
import { rateText } from "./success";
import { SuccessChart } from "./success-chart";

export const LIVE_MS = 10_000;

/** Today in figures of the books, read anew every few seconds; each amount opens what it was added up from. */
export function DashboardView({ isWeek }: { isWeek: boolean }) {
  const { data: board, error, refetch } = useThing<Dashboard>("/dashboard", undefined, LIVE_MS);
  if (error && !board) return <ErrorState problem={error} onRetry={() => refetch()} />;
  if (!board) return <Skeleton lines={5} />;
  return (
    <>
      <Figures board={board} isWeek={isWeek} />
      <SuccessChart board={board} />
    </>
  );
}

function Figures({ board, isWeek }: { board: Dashboard; isWeek: boolean }) {
  const { time_zone: zone } = useSession().tenant;
  const volumes = isWeek ? board.week : board.today;
  const day = businessDay(isWeek ? board.week_since : board.today_since, zone);
  const count = volumes.reduce((sum, volume) => sum + volume.payments, 0);
  const succeeded = board.providers.reduce((sum, hour) => sum + hour.succeeded, 0);
  const ended = board.providers.reduce((sum, hour) => sum + hour.ended, 0);
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
      <Figure
        name={isWeek ? "Collected in 7 days" : "Collected today"}
        note={`By ${count} ${count === 1 ? "payment" : "payments"}`}
      >
        <Amounts amounts={volumes.map((volume) => volume.amount)} href={`/payments/?status=paid&since=${day}`} />
      </Figure>
      <Figure name="Success rate today" note={ended === 0 ? "No charge has ended" : `${succeeded} of ${ended} charges`}>
        <span className="figures">{rateText({ succeeded, ended })}</span>
      </Figure>
      <Balances board={board} />
      <NextPayout board={board} />
    </div>
  );
}

function Balances({ board }: { board: Dashboard }) {
  const me = useSession();
  const can = useCan();
  // A merchant's numbers open the wallet they stand in; who keeps the books sees the accounts of all wallets.
  const wallets = useThing<Page<Wallet>>(me.party_id ? "/wallets" : null, undefined, LIVE_MS);
  const hrefOf = (currency: string, state: string) => {
    const own = wallets.data?.data.find((wallet) => wallet.available.currency === currency);
    if (own) return `/wallets/activity/?id=${own.id}${state === "pending" ? "&state=pending" : ""}`;
    return can("ledger:read") ? "/ledger/?prefix=liability:wallets&depth=8" : "/wallets/";
  };
  const list = (state: "available" | "pending") =>
    board.balances.map((each) => (
      <p key={each[state].currency}>
        <Money value={each[state]} href={hrefOf(each[state].currency, state)} />
      </p>
    ));
  return (
    <Figure name={me.party_id ? "Available" : "Available in all wallets"}>
      {board.balances.length === 0 ? "—" : list("available")}
      <div className="mt-2 font-normal text-sm">
        <p className="text-soft text-xs">Pending</p>
        {board.balances.length === 0 ? "—" : list("pending")}
      </div>
    </Figure>
  );
}

function NextPayout({ board }: { board: Dashboard }) {
  const can = useCan();
  const next = board.next_payout;
  if (!next)
    return (
      <Figure name="Next payout" note="No payout is under way">
        —
      </Figure>
    );
  return (
    <Figure
      name="Next payout"
      note={
        <>
          <State state={next.status === "requested" ? "needs_approval" : next.status} /> since{" "}
          <When at={next.created_at} />
        </>
      }
    >
      <Money value={next.amount} href={can("payouts:read") ? `/payouts/view/?id=${next.id}` : undefined} />
    </Figure>
  );
}

function Figure({ name, note, children }: { name: string; note?: ReactNode; children: ReactNode }) {
  return (
    <Sheet>
      <h2 className="font-normal text-soft text-xs">{name}</h2>
      <div className="mt-2 font-medium text-lg">{children}</div>
      {note && <div className="mt-1 text-soft text-xs">{note}</div>}
    </Sheet>
  );
}

function Amounts({ amounts, href }: { amounts: Amount[]; href: string }) {
  if (amounts.length === 0) return <span>—</span>;
  return (
    <>
      {amounts.map((amount) => (
        <p key={amount.currency}>
          <Money value={amount} href={href} />
        </p>
      ))}
    </>
  );
}
