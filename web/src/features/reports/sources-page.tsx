"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";

type Sources = Schemas["SaleSources"];
type Source = Sources["data"][number];

/** The invoices and credit notes that a row of sales was added up from, each with its entry in the books. */
export function SourcesPage() {
  const asked = Object.fromEntries(useSearchParams().entries());
  const { report = "", ...query } = asked;
  const back = new URLSearchParams({ show: report, since: asked.since ?? "", until: asked.until ?? "" });
  const found = useThing<Sources>(query.key ? `/reports/business/${report}/sources` : null, query);
  if (!query.key) return <EmptyState title="Which row?" why="Open an amount of a report of sales." />;
  return (
    <>
      <PageHeader
        title="Documents behind the amount"
        note={asked.since && asked.until && `${dayText(asked.since)} – ${dayText(asked.until)}`}
        actions={<ButtonLink href={`/reports/?${back}`}>Back to the report</ButtonLink>}
      />
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {!found.error && !found.data && <Skeleton lines={6} />}
      {found.data?.data.length === 0 && (
        <EmptyState title="Nothing in this time" why="No invoice and no credit note of this row lies in these days." />
      )}
      {found.data && found.data.data.length > 0 && (
        <Sheet>
          <ul className="divide-y divide-rule">
            {found.data.data.map((source) => (
              <Row key={source.id} source={source} />
            ))}
          </ul>
        </Sheet>
      )}
    </>
  );
}

function Row({ source }: { source: Source }) {
  const entry = `/ledger/entry/?id=${source.entry_id}`;
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2">
      <span>
        <Link
          href={`/invoices/view/?id=${source.invoice_id}`}
          className="underline decoration-rule-strong/50 underline-offset-4"
        >
          {source.number}
        </Link>
        <span className="block text-soft text-xs">{dayText(source.day)}</span>
      </span>
      <span className="text-end">
        <Money value={source.net} href={entry} />
        <span className="block text-soft text-xs">
          tax <Money value={source.tax} href={entry} />
        </span>
      </span>
    </li>
  );
}

const dayText = (day: string) => formatPlainDay(day, readerLocale());
