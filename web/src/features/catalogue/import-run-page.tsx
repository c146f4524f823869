"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { readerLocale } from "@/lib/locale";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { ToldRows } from "@/ui/told-rows";
import { When } from "@/ui/when";
import type { ImportRun } from "./contract";

/** A long file of products on its way in; the address names it, so that a reload finds it again. */
export function ImportRunPage() {
  const search = useSearchParams();
  const id = search.get("id");
  const path = id && `/product-import-runs/${id}`;
  const seen = useThing<ImportRun>(path);
  // Asks the same once a second for as long as it waits.
  useThing<ImportRun>(seen.data?.status === "waiting" ? path : null, undefined, 1000);
  if (!id) return <EmptyState title="Which file?" why="Send a file under Products, Import." />;
  if (seen.error) return <ErrorState problem={seen.error} onRetry={() => seen.refetch()} />;
  if (!seen.data) return <Skeleton lines={6} />;
  return <Loaded run={seen.data} isAgain={search.get("again") === "1"} />;
}

function Loaded({ run, isAgain }: { run: ImportRun; isAgain: boolean }) {
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader
        title={`Import of ${run.name}`}
        note={
          <>
            Sent <When at={run.created_at} />
          </>
        }
        actions={<ButtonLink href="/products/">Products</ButtonLink>}
      />
      <div className="space-y-6">
        {isAgain && (
          <p role="status" className="rounded-md bg-review-back px-3 py-2 text-review text-sm">
            The same file had been sent before. Nothing was done again; this is what became of it.
          </p>
        )}
        <Sheet>
          <Progress run={run} />
        </Sheet>
        {run.rows.length > 0 && (
          <Sheet title="Rows worth a look">
            <ToldRows rows={run.rows.map((row) => ({ ...row, what: row.sku }))} />
            {run.refused > run.rows.length && (
              <p className="text-soft text-xs">The first {run.rows.length} are shown.</p>
            )}
          </Sheet>
        )}
      </div>
    </div>
  );
}

function Progress({ run }: { run: ImportRun }) {
  if (run.status === "waiting") {
    return (
      <div className="space-y-2">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <State state="processing" />
          <span className="figures text-sm" role="status">
            {run.done_rows === 0
              ? "Waiting for its turn"
              : `${figure(run.done_rows)} of ${figure(run.total_rows)} rows`}
          </span>
        </div>
        <progress
          aria-label="Rows looked at"
          max={run.total_rows}
          value={run.done_rows}
          className="w-full accent-accent"
        />
        <p className="text-soft text-sm">
          Nothing can be seen among the products until all rows are in. You may close this page and come back.
        </p>
      </div>
    );
  }
  const facts: Fact[] = [
    ["State", <State key="state" state={run.status} tone={run.status === "done" ? "success" : "failed"} />],
    [run.status === "done" ? "Added" : "Would be new", figure(run.new)],
    [run.status === "done" ? "Changed" : "Would change", figure(run.changed)],
    ["As they were", figure(run.same)],
    ["Refused", figure(run.refused)],
  ];
  return (
    <>
      <Facts facts={facts} />
      {run.status === "refused" && (
        <p className="mt-2 text-failed">
          {run.problem ?? "Some rows are refused."} Nothing was taken in: put the file right and send it again.
        </p>
      )}
    </>
  );
}

const figure = (number: number) => number.toLocaleString(readerLocale());
