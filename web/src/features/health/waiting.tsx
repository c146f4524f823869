"use client";

import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { Link } from "@/ui/link";
import { Sheet } from "@/ui/sheet";

const LOOK = 100;
const LINK = "text-accent underline underline-offset-4";

type Queue = { name: string; path: string; filter?: Record<string, string | boolean>; href: string; needs: string };

const QUEUES: Queue[] = [
  {
    name: "Payment exceptions open",
    path: "/payment-exceptions",
    filter: { open: true },
    href: "/payments/exceptions/",
    needs: "payments:manage",
  },
  {
    name: "Waiting for a second person",
    path: "/approvals",
    filter: { status: "open" },
    href: "/approvals/",
    needs: "approvals:decide",
  },
  { name: "Verifications to review", path: "/kyc/queue", href: "/kyc/", needs: "kyc:review" },
  {
    name: "Callbacks not understood",
    path: "/callbacks",
    filter: { state: "dead" },
    href: "/developers/callbacks/?state=dead",
    needs: "providers:read",
  },
  {
    name: "Deliveries given up",
    path: "/webhook-deliveries",
    filter: { state: "dead" },
    href: "/developers/webhooks/?state=dead",
    needs: "webhooks:read",
  },
  {
    name: "Deliveries on their way",
    path: "/webhook-deliveries",
    filter: { state: "pending" },
    href: "/developers/webhooks/?state=pending",
    needs: "webhooks:read",
  },
];

/** What waits, as far as the reader may see it: each number links to the list behind it. */
export function Waiting({ title }: { title: string }) {
  const can = useCan();
  const queues = QUEUES.filter((queue) => can(queue.needs));
  if (queues.length === 0) return null;
  return (
    <Sheet title={title}>
      <dl className="divide-y divide-rule">
        {queues.map(({ name, path, filter = {}, href }) => (
          <div key={name} className="flex items-baseline justify-between gap-4 py-2">
            <dt className="text-soft">{name}</dt>
            <dd>
              <Link href={href} className={LINK}>
                <Count path={path} filter={filter} />
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
