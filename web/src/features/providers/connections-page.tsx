"use client";

import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { methodName } from "@/features/payments/payment-steps";
import { useUrlState } from "@/lib/url-state";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { ConnectProvider } from "./connect-provider";
import { ConnectionView } from "./connection-view";
import type { Connection, Dialect } from "./contract";
import { Offers } from "./offers";
import { useConnections } from "./use-connections";

const DEFAULTS = { id: "" };

/** The payment providers this tenant collects through, and those it could connect. */
export function ConnectionsPage() {
  const can = useCan();
  const [view, change] = useUrlState(DEFAULTS);
  const connections = useConnections();
  const dialects = useThing<Dialect[]>("/provider-dialects");
  const error = connections.error ?? dialects.error;
  return (
    <>
      <PageHeader
        title="Connections"
        note="The payment providers you collect through; the one with the highest priority is asked first"
        actions={
          can("providers:write") &&
          dialects.data && <ConnectProvider dialects={dialects.data} onMade={(id) => change({ id })} />
        }
      />
      {error && <ErrorState problem={error} onRetry={() => void connections.refetch()} />}
      <div className="space-y-6">
        <Sheet title="Connected" flush>
          {connections.data && dialects.data ? (
            <ConnectionList
              connections={connections.data}
              dialects={dialects.data}
              onOpen={can("providers:write") ? (id) => change({ id }) : undefined}
            />
          ) : (
            !error && <Skeleton lines={4} />
          )}
        </Sheet>
        {dialects.data && <KnownProviders dialects={dialects.data} />}
      </div>
      <Dialog open={view.id !== ""} onOpenChange={(open) => !open && change({ id: "" })} title="Connection" side="end">
        {view.id && dialects.data && <ConnectionView id={view.id} dialects={dialects.data} />}
      </Dialog>
    </>
  );
}

type ListProps = { connections: Connection[]; dialects: Dialect[]; onOpen?: (id: string) => void };

function ConnectionList({ connections, dialects, onOpen }: ListProps) {
  if (connections.length === 0)
    return (
      <EmptyState
        title="No connections"
        why="Without a provider nobody can pay. The simulator needs no account."
        example="OY! Indonesia · simulator · active"
      />
    );
  return (
    <ul className="divide-y divide-rule">
      {connections.map((connection) => (
        <li key={connection.id} className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
          <div className="min-w-0">
            {onOpen ? (
              <button type="button" className="font-medium hover:underline" onClick={() => onOpen(connection.id)}>
                {connection.name}
              </button>
            ) : (
              <span className="font-medium">{connection.name}</span>
            )}
            <p className="text-soft text-xs">
              {titleOf(dialects, connection.provider)} · priority {connection.priority}
            </p>
          </div>
          <div className="flex flex-wrap gap-2">
            <Confirmed dialect={dialects.find((dialect) => dialect.name === connection.provider)} />
            <State state={connection.active ? "active" : "inactive"} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function KnownProviders({ dialects }: { dialects: Dialect[] }) {
  return (
    <Sheet title="Providers that can be connected" flush>
      <ul className="divide-y divide-rule">
        {dialects.map((dialect) => (
          <li key={dialect.name} className="space-y-1 px-4 py-3">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <h3 className="font-medium text-sm">{dialect.title}</h3>
              <Confirmed dialect={dialect} />
            </div>
            <p className="text-sm">{dialect.about}</p>
            <p className="text-soft text-xs">
              {dialect.methods.length > 0 ? dialect.methods.map(methodName).join(", ") : "Collects nothing"}
              {dialect.currencies.length > 0 ? ` · ${dialect.currencies.join(", ")}` : " · any currency"}
              {dialect.limits && ` · ${dialect.limits}`}
            </p>
            <Unconfirmed dialect={dialect} />
            <Offers dialect={dialect} />
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

/** Whether live money may use a provider. */
export function Confirmed({ dialect }: { dialect: Dialect | undefined }) {
  if (!dialect || dialect.confirmed || dialect.name === "simulator") return null;
  return <State state="unconfirmed" tone="held" word="Not for live money" />;
}

/** Why not. */
export function Unconfirmed({ dialect }: { dialect: Dialect }) {
  if (dialect.confirmed) return null;
  return (
    <div className="text-xs">
      <p>Not confirmed, so switched off for live money:</p>
      <ul className="list-disc pl-5 text-soft">
        {dialect.unconfirmed.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}

function titleOf(dialects: Dialect[], name: string): string {
  return dialects.find((dialect) => dialect.name === name)?.title ?? name;
}
