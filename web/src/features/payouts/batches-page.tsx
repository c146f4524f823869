"use client";

import { useList, useThing } from "@/client/queries";
import { useSession } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { BatchView } from "./batch-view";
import type { Batch, BatchDetail } from "./contract";
import { ReadBatch } from "./read-batch";

const DEFAULTS = { id: "" };
const LOOK_AGAIN_MS = 2_000;

export function BatchesPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const { party_id: own } = useSession();
  const list = useList<Batch>("/payout-batches");
  return (
    <>
      <PageHeader
        title="Batches"
        note="Many payouts in one file: see every line before anything moves"
        actions={<ButtonLink href="/payouts/">Payouts</ButtonLink>}
      />
      {own !== null && !view.id && <ReadBatch onRead={(id) => change({ id })} />}
      {view.id && <Opened id={view.id} onClose={() => change({ id: "" })} />}
      {list.error && <ErrorState problem={list.error} onRetry={list.refetch} />}
      {list.isLoading && <Skeleton lines={4} />}
      {!list.isLoading && !list.error && list.rows.length === 0 && (
        <EmptyState
          title="No batches yet"
          why="A CSV file with an account, an amount and a reference on each line becomes one payout per line."
          example="Salary account,1500000.00,salary-11-budi,November"
        />
      )}
      {list.rows.length > 0 && (
        <Sheet title="All batches" flush>
          <ul className="divide-y divide-rule">
            {list.rows.map((row) => (
              <li key={row.id} className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
                <div>
                  <p className="font-medium">{row.name}</p>
                  <p className="text-soft text-xs">
                    <When at={row.created_at} />
                  </p>
                </div>
                <div className="flex items-center gap-3">
                  <Money value={row.total} />
                  <State state={row.status} />
                  <Button kind="quiet" onClick={() => change({ id: row.id })}>
                    Open
                  </Button>
                </div>
              </li>
            ))}
          </ul>
        </Sheet>
      )}
    </>
  );
}

function Opened({ id, onClose }: { id: string; onClose: () => void }) {
  const path = `/payout-batches/${encodeURIComponent(id)}`;
  const first = useThing<BatchDetail>(path);
  const batch = useThing<BatchDetail>(path, undefined, first.data?.status === "started" ? LOOK_AGAIN_MS : false);
  if (batch.error) return <ErrorState problem={batch.error} onRetry={() => batch.refetch()} />;
  if (!batch.data) return <Skeleton lines={6} />;
  return <BatchView batch={batch.data} onClose={onClose} />;
}
