"use client";

import { useState } from "react";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { ButtonLink } from "@/ui/button";
import { classes } from "@/ui/classes";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { ChangeSource } from "./change-source";
import { CompareBalance } from "./compare-balance";
import type { Source } from "./contract";
import { CreateSource } from "./create-source";
import { Exceptions } from "./exceptions";
import { ImportStatement } from "./import-statement";
import { Matched } from "./matched";
import { OpenWork } from "./open-work";

/** Statements against the books: what is confirmed, what is open, and what does not fit. */
export function ReconciliationPage() {
  const can = useCan();
  const sources = useThing<{ data: Source[] }>("/reconciliation/sources");
  const [chosen, setChosen] = useState<string | null>(null);
  if (sources.error) return <ErrorState problem={sources.error} onRetry={() => sources.refetch()} />;
  if (!sources.data) return <Skeleton lines={8} />;
  const source = sources.data.data.find((each) => each.id === chosen) ?? sources.data.data[0];
  const mayRun = can("reconciliation:run");
  return (
    <>
      <PageHeader
        title="Reconciliation"
        note="What a statement confirms moves on. What stays is open, and its sum is the account's balance."
        actions={
          <>
            <ButtonLink href="/reconciliation/expected/">Money expected</ButtonLink>
            {mayRun && (
              <>
                <CreateSource onMade={setChosen} />
                {source?.kind === "provider" && <CompareBalance key={source.id} source={source} />}
                {source && <ChangeSource key={`change-${source.id}`} source={source} />}
                {source && <ImportStatement source={source} />}
              </>
            )}
          </>
        }
      />
      {!source ? (
        <EmptyState
          title="Nothing is reconciled yet"
          why="A source is one account, such as what a provider owes you, with the statements that speak of it."
          example="Simulator, IDR · 3 open · IDR 1,250,000.00"
        />
      ) : (
        <div className="space-y-6">
          <Sources sources={sources.data.data} chosen={source.id} onChoose={setChosen} />
          <Exceptions key={`exceptions-${source.id}`} source={source} mayRun={mayRun} />
          <OpenWork key={`open-${source.id}`} source={source} mayRun={mayRun} />
          <Matched key={`matched-${source.id}`} source={source} mayRun={mayRun} />
        </div>
      )}
    </>
  );
}

type SourcesProps = { sources: Source[]; chosen: string; onChoose: (id: string) => void };

function Sources({ sources, chosen, onChoose }: SourcesProps) {
  return (
    <Sheet title="Sources" flush>
      <ul className="divide-y divide-rule">
        {sources.map((source) => (
          <li key={source.id}>
            <button
              type="button"
              aria-pressed={source.id === chosen}
              onClick={() => onChoose(source.id)}
              className={classes(
                "flex w-full flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3 text-left",
                source.id === chosen && "shadow-[inset_3px_0_0_var(--color-ink)]",
              )}
            >
              <span className="min-w-0">
                <span className="block font-medium">{source.name}</span>
                <span className="block text-soft text-xs">
                  {source.kind === "bank" ? "Bank statement" : "Provider statement"}
                  {source.last_import && (
                    <>
                      {" · imported "}
                      <When at={source.last_import.imported_at} />
                    </>
                  )}
                </span>
              </span>
              <span className="flex flex-wrap items-center justify-end gap-3">
                {source.exceptions > 0 && <State state="open" tone="failed" word={`${source.exceptions} to look at`} />}
                <State
                  state={source.open_items === 0 ? "balanced" : "open"}
                  word={source.open_items === 0 ? "Reconciled" : `${source.open_items} open`}
                />
                <Money value={source.balance} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
