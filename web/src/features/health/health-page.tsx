"use client";
import { useCan } from "@/features/identity/session";
import { BalancedTick } from "@/features/ledger/balanced-tick";
import { useConnections } from "@/features/providers/use-connections";
import { ErrorState } from "@/ui/error-state";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { type Lag, useHealth, useVersion } from "./health";
import { spoken } from "./spoken";
import { Waiting } from "./waiting";

/** Whether the installation works, whether the books balance, and what stands in the way. */
export function HealthPage() {
  const can = useCan();
  return (
    <>
      <PageHeader title="Health" note="Asked again every ten seconds" />
      <div className="grid gap-6 lg:grid-cols-2">
        <Parts />
        <Background />
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
  const ready = useHealth();
  if (ready.error) return <ErrorState problem={ready.error} onRetry={() => ready.refetch()} />;
  if (!ready.data) return <Skeleton />;
  const facts = Object.entries(ready.data.checks).map(
    ([part, answer]): Fact => [
      stateWord(part),
      <State key={part} state={answer} tone={answer === "ok" ? "success" : answer === "slow" ? "waiting" : "failed"} />,
    ],
  );
  return (
    <Sheet title="Parts" actions={<State state={ready.data.status} tone={TONES[ready.data.status] ?? "failed"} />}>
      {ready.data.notes.map((note) => (
        <p key={note} className="mb-3 text-waiting">
          {note}
        </p>
      ))}
      <Facts facts={facts} />
    </Sheet>
  );
}

const TONES: Record<string, "success" | "waiting"> = { ok: "success", degraded: "waiting" };

const WORK: Record<string, string> = {
  queue: "Jobs, due and not taken",
  publisher: "Events, not numbered",
  fan_out: "Events, not handed to webhooks",
  webhooks: "Webhooks, due and not sent",
  undelivered: "Webhooks, not delivered yet",
  ledger_sealer: "Ledger, not sealed",
  audit_sealer: "Audit trail, not sealed",
};

/** How long the oldest waiting piece of each kind of background work has waited. */
function Background() {
  const health = useHealth();
  const lags = Object.entries(health.data?.lags ?? {});
  if (lags.length === 0) return null;
  const facts = lags.map(([part, lag]): Fact => [WORK[part] ?? stateWord(part), <Waited key={part} lag={lag} />]);
  return (
    <Sheet title="Background work">
      <Facts facts={facts} />
    </Sheet>
  );
}

function Waited({ lag }: { lag: Lag }) {
  const words = lag.seconds > 0 ? `Oldest waits ${spoken(lag.seconds)}` : "Nothing waits";
  if (lag.limit_seconds === null) return <span className="text-soft">{words}</span>;
  return <State state={words} tone={lag.seconds > lag.limit_seconds ? "waiting" : "success"} word={words} />;
}

function Providers() {
  const connections = useConnections();
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
