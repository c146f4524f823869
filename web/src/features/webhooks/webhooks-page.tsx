"use client";

import { useState } from "react";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Secret } from "@/ui/secret";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Endpoint } from "./contract";
import { CreateEndpoint } from "./create-endpoint";
import { DeliveriesSheet } from "./deliveries-sheet";

/** Where events are sent, and what became of each of them. */
export function WebhooksPage() {
  const can = useCan();
  const [made, setMade] = useState<Endpoint | null>(null);
  const list = useList<Endpoint>("/webhook-endpoints");
  return (
    <>
      <PageHeader
        title="Webhooks"
        note="Events sent to your addresses, signed, and sent again until they arrive"
        actions={can("webhooks:write") && <CreateEndpoint onMade={setMade} />}
      />
      <div className="space-y-6">
        <Sheet title="Endpoints" flush>
          <DataTable
            name="endpoints"
            caption="Webhook endpoints"
            columns={COLUMNS}
            list={list}
            rowKey={(row) => row.id}
            rowHref={pageOf}
            empty={
              <EmptyState
                title="No endpoints"
                why="Give an address of your server, and events are sent there as they happen."
                example="https://shop.example/webhooks · payment.*"
              />
            }
          />
        </Sheet>
        <DeliveriesSheet />
      </div>
      <SigningSecret endpoint={made} onClose={() => setMade(null)} />
    </>
  );
}

/** The secret of a new or rotated endpoint, shown once. */
export function SigningSecret({ endpoint, onClose }: { endpoint: Endpoint | null; onClose: () => void }) {
  return (
    <Dialog
      open={endpoint !== null}
      onOpenChange={(open) => !open && onClose()}
      title="Copy the signing secret now"
      description="Your server checks with it that a message comes from here. It is shown only this once."
    >
      {endpoint?.secret ? (
        <Secret name="Secret" text={endpoint.secret} />
      ) : (
        <p>The secret was shown before. Rotate it to get another one.</p>
      )}
    </Dialog>
  );
}

const pageOf = (row: Endpoint) => `/developers/webhooks/endpoint/?id=${row.id}`;

const COLUMNS: Column<Endpoint>[] = [
  {
    key: "url",
    header: "Address",
    cell: (row) => (
      <Link href={pageOf(row)} className="font-medium [overflow-wrap:anywhere] hover:underline">
        {row.url}
      </Link>
    ),
  },
  { key: "state", header: "State", cell: (row) => <State state={row.state} /> },
  { key: "types", header: "Events", cell: (row) => <code className="text-xs">{row.types.join(", ")}</code> },
  { key: "description", header: "Description", cell: (row) => row.description || "—", hidden: true },
  {
    key: "failing",
    header: "Failing since",
    cell: (row) => (row.failing_since ? <When at={row.failing_since} /> : "—"),
  },
  { key: "id", header: "Id", cell: (row) => <Id value={row.id} /> },
];
