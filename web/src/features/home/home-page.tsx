"use client";

import { useList } from "@/client/queries";
import { Waiting } from "@/features/health/waiting";
import { useCan, useSession } from "@/features/identity/session";
import { BalancedTick } from "@/features/ledger/balanced-tick";
import type { PaymentRow } from "@/features/payments/contract";
import { CreatePayment } from "@/features/payments/create-payment";
import { useBusinessNow } from "@/features/sandbox/business-now";
import type { Wallet } from "@/features/wallets/contract";
import { businessDay, dayBefore, formatDay, startOfBusinessDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { type Amount, sumByCurrency } from "@/lib/money";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { FirstSteps } from "./first-steps";

/** What a merchant or operator wants to know first: today's money, what can be spent, and what needs a look. */
export function HomePage() {
  const me = useSession();
  const can = useCan();
  const zone = me.tenant.time_zone;
  const now = useBusinessNow().toISOString();
  const [view, change] = useUrlState(DEFAULTS);
  const day = dayBefore(businessDay(now, zone), Number(view.days) - 1);
  return (
    <>
      <PageHeader
        title={me.tenant.name}
        note={
          <span className="flex flex-wrap items-center gap-3">
            {formatDay(now, zone, readerLocale())}
            {can("ledger:read") && <BalancedTick />}
          </span>
        }
        actions={<CreatePayment />}
      />
      <div className="space-y-6">
        {can("payments:read") && <FirstSteps />}
        {can("payments:read") && (
          <>
            <Chips label="Period" options={PERIODS} value={view.days} onChange={(days) => change({ days })} />
            <Period since={startOfBusinessDay(day, zone)} day={day} isToday={view.days === DEFAULTS.days} />
          </>
        )}
        {me.party_id && <Balances />}
        {me.role !== "customer" && <Waiting title="What needs you" />}
      </div>
    </>
  );
}

const DEFAULTS = { days: "1" };
const PERIODS: [days: string, name: string][] = [
  ["1", "Today"],
  ["7", "7 days"],
  ["30", "30 days"],
];
const LIMIT = 100;

type PeriodProps = { since: string; day: string; isToday: boolean };

function Period({ since, day, isToday }: PeriodProps) {
  const list = useList<PaymentRow>("/payments", { "created[gte]": since, limit: LIMIT });
  if (list.isLoading) return <Skeleton lines={5} />;
  if (list.error) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  const paid = list.rows.filter((row) => row.status === "paid");
  const failed = list.rows.filter((row) => row.status === "failed");
  const ended = paid.length + failed.length;
  const all = `/payments/?since=${day}`;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-3">
        <Figure
          name={isToday ? "Collected today" : "Collected"}
          note={list.hasMore ? `The newest ${LIMIT} payments` : undefined}
        >
          <Amounts amounts={sumByCurrency(paid.map((row) => row.amount))} href={all} />
        </Figure>
        <Figure name="Paid of asked" note={`${list.rows.length - ended} still open or ended otherwise`}>
          <span className="figures">
            {paid.length} of {list.rows.length}
          </span>
        </Figure>
        <Figure name="Success rate" note="Paid among those that ended paid or failed">
          <span className="figures">{ended === 0 ? "—" : `${Math.round((paid.length / ended) * 100)} %`}</span>
        </Figure>
      </div>
      <Sheet title="Latest payments" flush actions={<ButtonLink href={all}>All of them</ButtonLink>}>
        {list.rows.length === 0 && (
          <EmptyState
            title={isToday ? "Nothing today" : "Nothing in this time"}
            why="Payments are listed here as they come in."
            example="09:41 · Order 1042 · Paid · IDR 150,000.00"
          />
        )}
        <ul className="divide-y divide-rule">
          {list.rows.slice(0, 8).map((row) => (
            <LatestPayment key={row.id} row={row} show={isToday ? "time" : "full"} />
          ))}
        </ul>
      </Sheet>
    </>
  );
}

function LatestPayment({ row, show }: { row: PaymentRow; show: "time" | "full" }) {
  const href = `/payments/view/?id=${row.id}`;
  return (
    <li className="flex items-center gap-3 px-4 py-2.5">
      <span className="text-soft text-xs">
        <When at={row.created_at} show={show} />
      </span>
      <a href={href} className="min-w-0 flex-1 truncate font-medium hover:underline">
        {row.description || row.reference || "Payment"}
      </a>
      <span className="hidden sm:inline">
        <State state={row.status} />
      </span>
      <Money value={row.amount} href={href} />
    </li>
  );
}

function Balances() {
  const wallets = useList<Wallet>("/wallets");
  if (wallets.rows.length === 0) return null;
  return (
    <Sheet title="Balance" actions={<ButtonLink href="/wallets/">Wallets</ButtonLink>}>
      <div className="grid gap-4 sm:grid-cols-3">
        {wallets.rows.map((wallet) => (
          <div key={wallet.id}>
            <p className="text-soft text-xs">Available</p>
            <p className="text-lg">
              <Money value={wallet.available} href={`/wallets/activity/?id=${wallet.id}`} />
            </p>
            <p className="text-soft text-xs">
              Pending <Money value={wallet.pending} href={`/wallets/activity/?id=${wallet.id}&state=pending`} />
            </p>
          </div>
        ))}
      </div>
    </Sheet>
  );
}

function Figure({ name, note, children }: { name: string; note?: string; children: React.ReactNode }) {
  return (
    <Sheet>
      <h2 className="font-normal text-soft text-xs">{name}</h2>
      <div className="mt-2 font-medium text-lg">{children}</div>
      {note && <p className="mt-1 text-soft text-xs">{note}</p>}
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
