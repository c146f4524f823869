"use client";

import { ArrowDown, ArrowUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";

const PATH = "/payout-routes";

type Route = Schemas["PayoutRouteOut"];

/** Connections that pay out: the first that can take a payout gets it, and none gets more a minute than it is given. */
export function PayoutRoutes() {
  const can = useCan();
  const routes = useThing<Schemas["PayoutRoutesOut"]>(PATH);
  const order = useAction();
  const known = routes.data?.data ?? [];

  // Every position is written, because until now several may have stood at the same one.
  const move = (from: number, to: number) =>
    order.run(async () => {
      const wanted = [...known];
      wanted.splice(to, 0, ...wanted.splice(from, 1));
      for (const [position, route] of wanted.entries()) await put(route, { position });
    });

  return (
    <Sheet title="Providers, tried from the top" flush>
      {routes.error && <ErrorState problem={routes.error} onRetry={() => routes.refetch()} />}
      {routes.isPending && <Skeleton lines={4} />}
      {routes.data && known.length === 0 && (
        <EmptyState
          title="No provider pays out"
          why="Connections whose provider can send money to accounts are listed here."
          example="1 · Simulator · at most 60 a minute"
        />
      )}
      {order.problem && <ErrorState problem={order.problem} />}
      <ol className="divide-y divide-rule">
        {known.map((route, at) => (
          <RouteLine
            key={route.connection_id}
            route={route}
            number={at + 1}
            mayChange={can("providers:write")}
            busy={order.busy}
            onUp={at > 0 ? () => void move(at, at - 1) : undefined}
            onDown={at < known.length - 1 ? () => void move(at, at + 1) : undefined}
          />
        ))}
      </ol>
    </Sheet>
  );
}

function put(route: Route, change: Partial<Schemas["PayoutRouteIn"]>) {
  const { is_enabled, per_minute, position } = route;
  return api.put(`${PATH}/${encodeURIComponent(route.connection_id)}`, { is_enabled, per_minute, position, ...change });
}

type LineProps = {
  route: Route;
  number: number;
  mayChange: boolean;
  busy: boolean;
  onUp?: () => void;
  onDown?: () => void;
};

function RouteLine({ route, number, mayChange, busy, onUp, onDown }: LineProps) {
  const change = useAction();
  return (
    <li className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3 px-4 py-3">
      <div className="min-w-0 self-center">
        <p className="flex flex-wrap items-center gap-2">
          <span className="figures text-soft">{number}</span>
          <span className="font-medium">{route.name}</span>
          <State state={route.is_enabled ? "enabled" : "disabled"} />
        </p>
        <p className="mt-0.5 text-soft text-xs">
          {route.per_minute ? `At most ${route.per_minute} a minute` : "As fast as they come"}
        </p>
      </div>
      {mayChange && (
        <div className="flex flex-wrap items-end gap-2">
          <Throttle route={route} />
          {onUp && (
            <Button
              busy={busy}
              aria-label={`Try ${route.name} earlier`}
              icon={<ArrowUp size={14} aria-hidden />}
              onClick={onUp}
            />
          )}
          {onDown && (
            <Button
              busy={busy}
              aria-label={`Try ${route.name} later`}
              icon={<ArrowDown size={14} aria-hidden />}
              onClick={onDown}
            />
          )}
          <Button busy={change.busy} onClick={() => change.run(() => put(route, { is_enabled: !route.is_enabled }))}>
            {route.is_enabled ? "Switch off" : "Switch on"}
          </Button>
        </div>
      )}
      {change.problem && <ErrorState problem={change.problem} />}
    </li>
  );
}

function Throttle({ route }: { route: Route }) {
  const set = useAction();
  const [text, setText] = useState(route.per_minute?.toString() ?? "");

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    await set.run(() => put(route, { per_minute: text === "" ? null : Number(text) }));
  }

  return (
    <form onSubmit={submit} className="flex items-end gap-2">
      <div className="w-36">
        <TextField
          label="At most a minute"
          type="number"
          min={1}
          max={100_000}
          placeholder="No limit"
          value={text}
          onChange={(event) => setText(event.target.value)}
          error={set.problem?.messageFor("per_minute") ?? set.problem?.title}
        />
      </div>
      <Button type="submit" busy={set.busy} disabled={text === (route.per_minute?.toString() ?? "")}>
        Set
      </Button>
    </form>
  );
}
