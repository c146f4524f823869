"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Endpoint, EndpointStats } from "./contract";
import { DeliveriesSheet } from "./deliveries-sheet";
import { deliveryWord } from "./delivery-word";
import { EndpointActions } from "./endpoint-actions";

/** One endpoint: its state, how well it answers, its deliveries, and what can be done with it. */
export function EndpointPage() {
  const id = useSearchParams().get("id");
  const can = useCan();
  const endpoint = useThing<Endpoint>(id && `/webhook-endpoints/${encodeURIComponent(id)}`);
  if (!id) return <EmptyState title="Which endpoint?" why="The address names none. Open one from the list." />;
  if (endpoint.error) return <ErrorState problem={endpoint.error} onRetry={() => endpoint.refetch()} />;
  if (!endpoint.data) return <Skeleton lines={8} />;
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3 [overflow-wrap:anywhere]">
            {endpoint.data.url}
            <span role="status">
              <State state={endpoint.data.state} />
            </span>
          </span>
        }
        note={endpoint.data.description}
        actions={can("webhooks:write") && <EndpointActions endpoint={endpoint.data} />}
      />
      <div className="space-y-6">
        {endpoint.data.missed_from_n !== null && (
          <p role="status" className="rounded-lg bg-held-back p-4 text-held">
            Events from number {endpoint.data.missed_from_n} on were not kept while it was disabled. Enable it, then
            recover from that number.
          </p>
        )}
        <div className="grid gap-6 lg:grid-cols-2">
          <Sheet title="Details">
            <Facts facts={factsOf(endpoint.data)} />
          </Sheet>
          <Stats id={id} />
        </div>
        <DeliveriesSheet endpointId={id} />
      </div>
    </>
  );
}

function factsOf(endpoint: Endpoint): Fact[] {
  const facts: Fact[] = [
    [
      "Address",
      <a
        key="url"
        href={endpoint.url}
        target="_blank"
        rel="noreferrer"
        className="text-accent underline underline-offset-4"
      >
        {endpoint.url}
      </a>,
    ],
    ["Events", <code key="types">{endpoint.types.join(", ")}</code>],
    ["Id", <Id key="id" value={endpoint.id} />],
    ["Made", <When key="made" at={endpoint.created_at} />],
  ];
  if (endpoint.disabled_reason) facts.push(["Disabled because", stateWord(endpoint.disabled_reason)]);
  if (endpoint.failing_since) facts.push(["Failing since", <When key="failing" at={endpoint.failing_since} />]);
  if (endpoint.open_until) facts.push(["Nothing is sent before", <When key="open" at={endpoint.open_until} />]);
  if (endpoint.previous_secret_until)
    facts.push(["The secret before works until", <When key="secret" at={endpoint.previous_secret_until} />]);
  return facts;
}

function Stats({ id }: { id: string }) {
  const stats = useThing<EndpointStats>(`/webhook-endpoints/${encodeURIComponent(id)}/stats`, { hours: 24 });
  if (stats.error) return <ErrorState problem={stats.error} onRetry={() => stats.refetch()} />;
  if (!stats.data) return <Skeleton />;
  const { attempts, succeeded, failed, latency_ms: latency, deliveries } = stats.data;
  const counts = Object.entries(deliveries as Record<string, number>);
  const facts: Fact[] = [
    ["Attempts", attempts],
    ["Accepted", attempts === 0 ? "—" : `${succeeded} (${Math.round((succeeded / attempts) * 100)} %)`],
    ["Failed", failed],
    ["Answer time, half below", latency.p50 === null ? "—" : `${latency.p50} ms`],
    ["Answer time, 95 % below", latency.p95 === null ? "—" : `${latency.p95} ms`],
    ...counts.map(([state, count]): Fact => [`Deliveries ${deliveryWord(state).toLowerCase()}`, count]),
  ];
  return (
    <Sheet title="Last 24 hours">
      <Facts facts={facts} />
    </Sheet>
  );
}
