"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { type OpeningDetail, stateOf } from "./contract";
import { JudgedLines, Totals } from "./judged";

/** One opening position: what it came to, and every line with its entry. */
export function ImportPage() {
  const id = useSearchParams().get("id");
  const found = useThing<OpeningDetail>(id ? `/opening-imports/${encodeURIComponent(id)}` : null);
  if (!id) return <EmptyState title="Which import?" why="The address names none. Open one from Opening balances." />;
  if (found.error) return <ErrorState problem={found.error} onRetry={() => found.refetch()} />;
  if (!found.data) return <Skeleton lines={8} />;
  return (
    <div className="mx-auto max-w-[960px]">
      <PageHeader
        title={found.data.name}
        note={<Standing found={found.data} />}
        actions={
          found.data.status === "waiting" ? (
            <ButtonLink href="/approvals/">Approvals</ButtonLink>
          ) : (
            <ButtonLink href="/ledger/trial-balance/">Trial balance</ButtonLink>
          )
        }
      />
      <div className="space-y-6">
        <Sheet title="Totals" flush>
          <Totals totals={found.data.totals} />
        </Sheet>
        <Sheet title="Lines" flush>
          <JudgedLines found={found.data} />
        </Sheet>
      </div>
    </div>
  );
}

function Standing({ found }: { found: OpeningDetail }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <State state={stateOf(found)} />
      As of the beginning of {formatPlainDay(found.cut_over_on, readerLocale())}
      {found.status === "waiting" && " · nothing is posted until somebody else says yes"}
    </span>
  );
}
