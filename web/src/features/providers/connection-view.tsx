"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Id, useCopy } from "@/ui/id";
import { type Fact, Facts } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { Confirmed, Unconfirmed } from "./connections-page";
import type { ConnectionDetail, ConnectionTest, Dialect } from "./contract";
import { Offers } from "./offers";
import { PayOverForm } from "./pay-over-form";
import { ReplaceCredentials } from "./replace-credentials";

/** One connection: what to register at the provider, whether its credentials work, and its switch. */
export function ConnectionView({ id, dialects }: { id: string; dialects: Dialect[] }) {
  const copy = useCopy();
  const path = `/connections/${encodeURIComponent(id)}`;
  const connection = useThing<ConnectionDetail>(path);
  if (connection.error) return <ErrorState problem={connection.error} onRetry={() => connection.refetch()} />;
  if (!connection.data) return <Skeleton lines={6} />;
  const dialect = dialects.find((known) => known.name === connection.data.provider);
  return (
    <div className="space-y-4">
      <Facts facts={factsOf(connection.data, dialect)} />
      {dialect && <Unconfirmed dialect={dialect} />}
      {dialect && <Offers dialect={dialect} />}
      <h3 className="text-sm">Callback address</h3>
      <p className="text-soft text-sm">{dialect?.callback}</p>
      <pre className="overflow-x-auto whitespace-pre-wrap break-all rounded-md bg-well p-3 font-mono text-xs">
        {connection.data.callback_url}
      </pre>
      <Button
        icon={<Copy size={14} aria-hidden />}
        onClick={() => copy(connection.data.callback_url, "Callback address")}
      >
        Copy address
      </Button>
      {dialect && <ReplaceCredentials connection={connection.data} dialect={dialect} />}
      <PayOverForm key={connection.data.updated_at} connection={connection.data} />
      <Acts connection={connection.data} path={path} />
    </div>
  );
}

function factsOf(connection: ConnectionDetail, dialect: Dialect | undefined): Fact[] {
  const shown = Object.entries(connection.shown_credentials).map(
    ([name, value]): Fact => [dialect?.fields.find((field) => field.name === name)?.label ?? name, shortened(value)],
  );
  return [
    ["Provider", dialect?.title ?? connection.provider],
    ["Environment", stateWord(connection.environment)],
    [
      "State",
      <span key="state" className="flex flex-wrap gap-2">
        <State state={connection.active ? "active" : "inactive"} />
        <Confirmed dialect={dialect} />
      </span>,
    ],
    ["Priority", connection.priority],
    ["Answers awaited", `${connection.timeout_ms / 1000} s`],
    ...shown,
    ["Connected", <When key="made" at={connection.created_at} />],
    ["Id", <Id key="id" value={connection.id} />],
  ];
}

const shortened = (value: string) => (value.length > 60 ? `${value.slice(0, 57)}…` : value);

const OUTCOMES: Record<ConnectionTest["outcome"], [tone: "success" | "failed" | "waiting", word: string]> = {
  works: ["success", "The credentials work"],
  refused: ["failed", "The provider refuses them"],
  unknown: ["waiting", "Nothing can be said"],
};

function Acts({ connection, path }: { connection: ConnectionDetail; path: string }) {
  const queries = useQueryClient();
  const act = useAction();
  const [tested, setTested] = useState<ConnectionTest | null>(null);
  const test = () =>
    act.run(async () => {
      setTested(null);
      setTested(await api.post<ConnectionTest>(`${path}/test`));
    });
  const turn = () =>
    act.run(async () => {
      await api.patch(path, { active: !connection.active });
      await queries.invalidateQueries({ queryKey: ["/connections"] });
      await queries.invalidateQueries({ queryKey: [path] });
    });
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" busy={act.busy} onClick={() => void test()}>
          Test the connection
        </Button>
        <Button busy={act.busy} onClick={() => void turn()}>
          {connection.active ? "Switch off" : "Switch on"}
        </Button>
      </div>
      <div aria-live="polite">
        {tested && (
          <p className="flex flex-wrap items-center gap-2 text-sm">
            <State state={tested.outcome} tone={OUTCOMES[tested.outcome][0]} word={OUTCOMES[tested.outcome][1]} />
            {tested.reason && <code className="text-xs">{tested.reason}</code>}
          </p>
        )}
      </div>
      {act.problem && <ErrorState problem={act.problem} />}
    </div>
  );
}
