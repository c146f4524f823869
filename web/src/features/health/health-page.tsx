"use client";

import Link from "next/link";
import { useList, useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import { BalancedTick } from "@/features/ledger/balanced-tick";
import { ErrorState } from "@/ui/error-state";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { useReadiness, useVersion } from "./health";

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
        <Waiting />
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

const LOOK = 100;
const LINK = "text-accent underline underline-offset-4";

/** What waits for a person: each number links to the list behind it. */
function Waiting() {
  const can = useCan();
  const queues = [
    {
      name: "Callbacks not understood",
      path: "/callbacks",
      state: "dead",
      href: "/developers/callbacks/?state=dead",
      needs: "providers:read",
    },
    {
      name: "Deliveries given up",
      path: "/webhook-deliveries",
      state: "dead",
      href: "/developers/webhooks/?state=dead",
      needs: "webhooks:read",
    },
    {
      name: "Deliveries on their way",
      path: "/webhook-deliveries",
      state: "pending",
      href: "/developers/webhooks/?state=pending",
      needs: "webhooks:read",
    },
    { name: "Verifications to review", path: "/kyc/queue", href: "/kyc/", needs: "kyc:review" },
    {
      name: "Payment exceptions open",
      path: "/payment-exceptions",
      open: true,
      href: "/payments/exceptions/",
      needs: "payments:manage",
    },
  ].filter((queue) => can(queue.needs));
  if (queues.length === 0) return null;
  return (
    <Sheet title="What waits">
      <dl className="divide-y divide-rule">
        {queues.map(({ name, path, href, state, open }) => (
          <div key={name} className="flex items-baseline justify-between gap-4 py-2">
            <dt className="text-soft">{name}</dt>
            <dd>
              <Link href={href} className={LINK}>
                <Count path={path} filter={{ ...(state && { state }), ...(open && { open }) }} />
              </Link>
            </dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}

function Count({ path, filter }: { path: string; filter: Record<string, string | boolean> }) {
  const list = useList<{ id: string }>(path, { ...filter, limit: LOOK });
  if (list.error) return <>Cannot be read</>;
  if (list.isLoading) return <span className="text-soft">…</span>;
  return (
    <span className="figures">
      {list.rows.length}
      {list.hasMore && " or more"}
    </span>
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
