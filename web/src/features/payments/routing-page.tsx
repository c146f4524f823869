"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import type { Connection } from "@/features/providers/contract";
import { useConnections } from "@/features/providers/use-connections";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { methodName } from "./payment-steps";
import { RouteForm } from "./route-form";

type Routing = Schemas["RoutesOut"];
type Route = Schemas["RouteOut"];

/** Where payments are collected: the connections with their health, and the rules that choose between them. */
export function RoutingPage() {
  const can = useCan();
  const routing = useThing<Routing>("/payment-routes", undefined, 10_000);
  const connections = useConnections();
  const problem = routing.error ?? connections.error;
  if (problem) return <ErrorState problem={problem} onRetry={() => routing.refetch()} />;
  if (!routing.data || !connections.data) return <Skeleton lines={6} />;
  const named = new Map(connections.data.map((each) => [each.id, each.name]));
  return (
    <>
      <PageHeader title="Routing" note="Which provider collects a payment, and why" />
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <Sheet title="Rules, the first that fits decides" flush>
          {routing.data.data.length === 0 && (
            <EmptyState title="No rules" why="Every payment goes to the first connection that can take it." />
          )}
          <ul className="divide-y divide-rule">
            {routing.data.data.map((route) => (
              <RouteLine
                key={route.id}
                route={route}
                name={named.get(route.connection_id)}
                canChange={can("providers:write")}
              />
            ))}
          </ul>
        </Sheet>
        <div className="space-y-6">
          <ConnectionHealth connections={connections.data} routing={routing.data} />
          {can("providers:write") && (
            <Sheet title="Add a rule">
              <RouteForm connections={connections.data} />
            </Sheet>
          )}
        </div>
      </div>
    </>
  );
}

function ConnectionHealth({ connections, routing }: { connections: Connection[]; routing: Routing }) {
  const health = new Map(routing.health.map((each) => [each.connection_id, each]));
  return (
    <Sheet title="Connections" flush>
      <ul className="divide-y divide-rule">
        {connections.map((connection) => {
          const found = health.get(connection.id);
          const state = !connection.active ? "disabled" : found?.healthy === false ? "unhealthy" : "healthy";
          return (
            <li key={connection.id} className="flex items-baseline justify-between gap-4 px-4 py-2">
              <div>
                {connection.name}
                <p className="text-soft text-xs">
                  {found
                    ? `${found.failures} of ${found.tries} tries failed in ten minutes`
                    : "No tries in ten minutes"}
                </p>
              </div>
              <State state={state} />
            </li>
          );
        })}
      </ul>
    </Sheet>
  );
}

function RouteLine({ route, name, canChange }: { route: Route; name?: string; canChange: boolean }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function act(work: Promise<unknown>) {
    setBusy(true);
    setProblem(null);
    try {
      await work;
      await queries.invalidateQueries();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  const path = `/payment-routes/${encodeURIComponent(route.id)}`;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0">
        <p>
          <span className="figures mr-3 text-soft">{route.position}</span>
          <Condition route={route} /> → <span className="font-medium">{name ?? route.connection_id}</span>
        </p>
        <p className="text-soft text-xs">
          Weight {route.weight} among rules at position {route.position}
        </p>
      </div>
      <div className="ml-auto flex items-center gap-2">
        <State state={route.active ? "active" : "disabled"} />
        {canChange && (
          <>
            <Button busy={busy} onClick={() => act(api.patch(path, { active: !route.active }))}>
              {route.active ? "Switch off" : "Switch on"}
            </Button>
            <Button kind="danger" busy={busy} onClick={() => act(api.delete(path))}>
              Remove
            </Button>
          </>
        )}
      </div>
      {problem && <ErrorState problem={problem} />}
    </li>
  );
}

function Condition({ route }: { route: Route }) {
  const currency = route.currency;
  return (
    <>
      {route.method ? methodName(route.method) : "Every way to pay"}
      {currency && `, ${currency}`}
      {currency && route.min_amount !== null && (
        <>
          {" "}
          from <Money value={{ amount: route.min_amount, currency }} />
        </>
      )}
      {currency && route.max_amount !== null && (
        <>
          {" "}
          up to <Money value={{ amount: route.max_amount, currency }} />
        </>
      )}
      {route.country && `, customers in ${route.country}`}
    </>
  );
}
