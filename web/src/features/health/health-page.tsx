"use client";

import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import { BalancedTick } from "@/features/ledger/balanced-tick";
import { ErrorState } from "@/ui/error-state";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { useReadiness, useVersion } from "./health";
import { Waiting } from "./waiting";

/** Whether the installation works, whether the books balance, and what stands in the way. */
export function HealthPage() {
  const can = useCan();
  return (
    <>
      <PageHeader title="Health" note="Asked again every ten seconds" />
      <div className="grid gap-6 lg:grid-cols-2">
        <Parts />
        {can("ledger:read") && (
          <Sheet title="Books">
            <BalancedTick />
          </Sheet>
        )}
        {can("providers:read") && <Providers />}
        <Waiting title="What waits" />
        <ThisVersion />
      </div>
    </>
  );
}

function Parts() {
  const ready = useReadiness();
  if (ready.error) return <ErrorState problem={ready.error} onRetry={() => ready.refetch()} />;
  if (!ready.data) return <Skeleton />;
  const facts = Object.entries(ready.data.checks).map(
    ([part, answer]): Fact => [
      stateWord(part),
      <State key={part} state={answer} tone={answer === "ok" ? "success" : answer === "slow" ? "waiting" : "failed"} />,
    ],
  );
  return (
    <Sheet
      title="Parts"
      actions={<State state={ready.data.status} tone={ready.data.status === "ok" ? "success" : "failed"} />}
    >
      <Facts facts={facts} />
    </Sheet>
  );
}

function Providers() {
  const connections = useThing<Schemas["ConnectionOut"][]>("/connections");
  if (connections.error) return <ErrorState problem={connections.error} onRetry={() => connections.refetch()} />;
  if (!connections.data) return <Skeleton />;
  const facts = connections.data.map(
    (connection): Fact => [
      `${connection.name} (${connection.provider})`,
      <State key={connection.id} state={connection.active ? "active" : "inactive"} />,
    ],
  );
  return (
    <Sheet title="Provider connections">
      {facts.length > 0 ? <Facts facts={facts} /> : <p>None: no payment can be taken through a provider.</p>}
    </Sheet>
  );
}

function ThisVersion() {
  const version = useVersion();
  if (version.error) return <ErrorState problem={version.error} onRetry={() => version.refetch()} />;
  if (!version.data) return <Skeleton />;
  return (
    <Sheet title="This installation">
      <Facts
        facts={[
          ["Version", version.data.version],
          ["Schema", version.data.schema],
        ]}
      />
    </Sheet>
  );
}
