"use client";

import type { Page } from "@/client/api";
import { useThing } from "@/client/queries";
import { Waiting } from "@/features/health/waiting";
import { useCan, useSession } from "@/features/identity/session";
import { BalancedTick } from "@/features/ledger/balanced-tick";
import type { PaymentRow } from "@/features/payments/contract";
import { CreatePayment } from "@/features/payments/create-payment";
import { statusOf } from "@/features/payments/payment-steps";
import { useBusinessNow } from "@/features/sandbox/business-now";
import { businessDay, dayBefore, formatDay, startOfBusinessDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
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
import { Business } from "./business";
import { DashboardView, LIVE_MS } from "./dashboard";
import { FirstSteps } from "./first-steps";

const DEFAULTS = { days: "1" };
const PERIODS: [days: string, name: string][] = [
  ["1", "Today"],
  ["7", "7 days"],
];

/** What a merchant or operator wants to know first: today's money, what can be spent, and what needs a look. */
export function HomePage() {
  const me = useSession();
  const can = useCan();
  const zone = me.tenant.time_zone;
  const now = useBusinessNow().toISOString();
  const [view, change] = useUrlState(DEFAULTS);
  const day = dayBefore(businessDay(now, zone), Number(view.days) - 1);
  const isWeek = view.days !== DEFAULTS.days;
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
        {!me.party_id && <Business now={now} />}
        {can("payments:read") && (
          <>
            <FirstSteps />
            <Chips label="Period" options={PERIODS} value={view.days} onChange={(days) => change({ days })} />
            <DashboardView isWeek={isWeek} />
            <Latest since={startOfBusinessDay(day, zone)} all={`/payments/?since=${day}`} isWeek={isWeek} />
          </>
        )}
        {me.role !== "customer" && <Waiting title="What needs you" />}
      </div>
    </>
  );
}

const SHOWN = 8;

type LatestProps = { since: string; all: string; isWeek: boolean };

function Latest({ since, all, isWeek }: LatestProps) {
  const query = { "created[gte]": since, limit: SHOWN };
  const { data, error, refetch } = useThing<Page<PaymentRow>>("/payments", query, LIVE_MS);
  return (
    <Sheet title="Latest payments" flush actions={<ButtonLink href={all}>All of them</ButtonLink>}>
      {error && !data && <ErrorState problem={error} onRetry={() => refetch()} />}
      {!error && !data && <Skeleton lines={5} />}
      {data?.data.length === 0 && (
        <EmptyState
          title={isWeek ? "Nothing in this time" : "Nothing today"}
          why="Payments are listed here as they come in."
          example="09:41 · Order 1042 · Paid · IDR 150,000.00"
        />
      )}
      <ul className="divide-y divide-rule">
        {data?.data.map((row) => (
          <LatestPayment key={row.id} row={row} show={isWeek ? "full" : "time"} />
        ))}
      </ul>
    </Sheet>
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
        <State state={statusOf(row)} />
      </span>
      <Money value={row.amount} href={href} />
    </li>
  );
}
