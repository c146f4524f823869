"use client";

import { useEffect } from "react";
import { useThing } from "@/client/queries";
import { useUrlState } from "@/lib/url-state";
import { ButtonLink, DownloadLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { matches, type OpenApi, type Operation, operationsByTag } from "./openapi";
import { OperationView } from "./operation-view";

const DEFAULTS = { tag: "", q: "", op: "" };

/** The whole API as this installation serves it, drawn from its own OpenAPI document. */
export function ReferencePage() {
  const [view, change] = useUrlState(DEFAULTS);
  const document = useThing<OpenApi>("/openapi.json");
  const groups = document.data ? operationsByTag(document.data) : [];
  const shown = groups
    .filter(([tag]) => view.tag === "" || tag === view.tag)
    .map(([tag, operations]): [string, Operation[]] => [tag, operations.filter((each) => matches(each, view.q.trim()))])
    .filter(([, operations]) => operations.length > 0);
  return (
    <>
      <PageHeader
        title="API reference"
        note="What this installation serves, from its own description. Amounts are whole minor units with their currency."
        actions={
          <>
            <ButtonLink href="/developers/keys/">API keys</ButtonLink>
            <DownloadLink href="/api/v1/openapi.json">OpenAPI file</DownloadLink>
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-end gap-3">
        <SearchBox label="Path or word" value={view.q} onSearch={(q) => change({ q, op: "" })} />
        <div className="w-48">
          <SelectField label="Group" value={view.tag} onChange={(event) => change({ tag: event.target.value, op: "" })}>
            <option value="">Every group</option>
            {groups.map(([tag]) => (
              <option key={tag}>{tag}</option>
            ))}
          </SelectField>
        </div>
      </div>
      {document.error && <ErrorState problem={document.error} onRetry={() => document.refetch()} />}
      {document.isPending && <Skeleton lines={8} />}
      {document.data && shown.length === 0 && (
        <EmptyState title="Nothing matches" why="No operation has these words." example="payments · post · cancel" />
      )}
      <div className="space-y-6">
        {shown.map(([tag, operations]) => (
          <Sheet key={tag} title={tag} flush>
            <ul className="divide-y divide-rule">
              {operations.map((operation) => (
                <li key={operation.id} id={operation.id}>
                  <Row
                    operation={operation}
                    isOpen={operation.id === view.op}
                    onToggle={() => change({ op: operation.id === view.op ? "" : operation.id })}
                  />
                  {document.data && operation.id === view.op && (
                    <OperationView operation={operation} document={document.data} />
                  )}
                </li>
              ))}
            </ul>
          </Sheet>
        ))}
      </div>
      <ScrollTo id={view.op} ready={document.data !== undefined} />
    </>
  );
}

type RowProps = { operation: Operation; isOpen: boolean; onToggle: () => void };

function Row({ operation, isOpen, onToggle }: RowProps) {
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={onToggle}
      className="flex w-full flex-wrap items-baseline gap-x-3 px-4 py-2.5 text-left hover:bg-well"
    >
      <span className="w-14 shrink-0 font-mono font-semibold text-xs">{operation.method}</span>
      <span className="min-w-0 font-mono text-xs [overflow-wrap:anywhere]">{operation.path}</span>
      <span className="text-soft text-xs sm:ml-auto">{operation.summary}</span>
    </button>
  );
}

// A link to one operation brings it into view; opening another by hand moves nothing.
function ScrollTo({ id, ready }: { id: string; ready: boolean }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the operation named when the page opened is scrolled to.
  useEffect(() => {
    if (ready && id) document.getElementById(id)?.scrollIntoView({ block: "start" });
  }, [ready]);
  return null;
}
