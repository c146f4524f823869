"use client";

import type { ReactNode } from "react";
import type { Page } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan, useSession } from "@/features/identity/session";
import { businessDay } from "@/lib/dates";
import type { Amount } from "@/lib/money";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { useStored } from "@/ui/stored";

type Ages = Schemas["AgesOut"];
type Owed = Schemas["PayableAgesOut"];
type Report = Schemas["ReportTable"];
type Levels = Page<Schemas["StockLevelOut"]>;
type Deals = Page<Schemas["OpportunityOut"]>;

const LOW = 100;
const CLOSES_IN_DAYS = 30;

/** How the business itself stands, from its books: money in, owed to us, owed by us, what runs out, deals that close. */
export function Business({ now }: { now: string }) {
  const can = useCan();
  const [currency] = useStored("specie.currency", "IDR");
  const today = businessDay(now, useSession().tenant.time_zone);
  const hasBooks = can("ledger:read");
  const cash = useThing<Report>(hasBooks ? "/reports/business/cash-flow" : null, {
    since: `${today.slice(0, 8)}01`,
    until: today,
    currency,
  });
  const owed = useThing<Ages>(can("billing:read") ? "/billing/ageing" : null, { currency });
  const owes = useThing<Owed>(can("payables:read") ? "/payables/ageing" : null, { currency });
  const low = useThing<Levels>(can("stock:read") ? "/stock/levels" : null, { low: true, limit: LOW });
  const deals = useThing<Deals>(can("crm:read") ? "/crm/opportunities" : null, { status: "open", limit: LOW });
  const closing = (deals.data?.data ?? []).filter((deal) => deal.expected_close <= dayAfter(today, CLOSES_IN_DAYS));
  const amount = (minor: number): Amount => ({ amount: minor, currency });
  const moved = cash.data?.rows.at(-2);
  // A tenant that has never invoiced, bought or kept goods is no business of this kind.
  const isTrading = [owed.data?.total, owes.data?.total, low.data?.data.length, closing.length].some(Boolean);
  const failed = [cash, owed, owes, low, deals].filter((each) => each.error);
  if (!isTrading && !moved?.[1]?.amount?.amount && failed.length === 0) return null;
  return (
    <section aria-label="Your business" className="grid grid-cols-[repeat(auto-fit,minmax(16rem,1fr))] gap-4">
      {failed[0]?.error && (
        <ErrorState
          problem={failed[0].error}
          onRetry={() => {
            for (const each of failed) void each.refetch();
          }}
        />
      )}
      {moved?.[1]?.amount && (
        <Figure name="Money in this month" note={cashNote(cash.data)}>
          <Money value={moved[1].amount} href="/reports/?show=cash-flow" />
        </Figure>
      )}
      {owed.data && (
        <Figure name="Owed to us" note={<Overdue value={amount(overdueOf(owed.data))} href="/invoices/ageing/" />}>
          <Money value={amount(owed.data.total)} href="/invoices/ageing/" />
        </Figure>
      )}
      {owes.data && (
        <Figure name="We owe" note={<Overdue value={amount(overdueOf(owes.data))} href="/bills/" />}>
          <Money value={amount(owes.data.total)} href="/bills/" />
        </Figure>
      )}
      {low.data && (
        <Figure name="Low stock" note="At or below the point to buy again">
          <Open href="/stock/?low=true">{low.data.has_more ? `${LOW}+` : low.data.data.length}</Open>
        </Figure>
      )}
      {deals.data && (
        <Figure name="Deals closing" note={`Within ${CLOSES_IN_DAYS} days, or overdue`}>
          <Open href="/pipeline/">{deals.data.has_more ? `${closing.length}+` : closing.length}</Open>
        </Figure>
      )}
    </section>
  );
}

function Figure({ name, note, children }: { name: string; note: ReactNode; children: ReactNode }) {
  return (
    <Sheet>
      <h2 className="font-normal text-soft text-xs">{name}</h2>
      <p className="mt-2 font-medium text-lg">{children}</p>
      <p className="mt-1 text-soft text-xs">{note}</p>
    </Sheet>
  );
}

function Open({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className="figures underline decoration-rule-strong/50 underline-offset-4">
      {children}
    </Link>
  );
}

function Overdue({ value, href }: { value: Amount; href: string }) {
  if (value.amount === 0) return "Nothing is overdue";
  return (
    <>
      Overdue <Money value={value} href={href} />
    </>
  );
}

function cashNote(report: Report | undefined): ReactNode {
  const held = report?.rows.at(-1)?.[3]?.amount;
  return (
    held && (
      <>
        Cash now <Money value={held} href="/reports/?show=cash-forecast" />
      </>
    )
  );
}

const overdueOf = ({ buckets, total }: { buckets: Record<string, number>; total: number }) =>
  total - (buckets.not_due ?? 0);

function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}
