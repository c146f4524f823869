"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useList, useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { type ApiKey, stateOfKey } from "@/features/api-keys/contract";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { useBusinessNow } from "@/features/sandbox/business-now";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Secret } from "@/ui/secret";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";

const PATH = "/payout-signing-keys";
const ALL = { limit: 100 };
const ENDED = ["revoked", "expired"];

type Signing = Schemas["SigningKeyListed"];

/** Servers that may ask for payouts: an API key, the addresses it comes from, and a secret it signs with. */
export function SigningKeys() {
  const now = useBusinessNow();
  const keys = useList<ApiKey>("/api-keys", ALL);
  const signing = useThing<Schemas["SigningKeysOut"]>(PATH);
  const [made, setMade] = useState<string | null>(null);
  const problem = keys.error ?? signing.error;
  const since = new Map(signing.data?.data.map((each) => [each.key_id, each]));
  const able = keys.rows.filter(
    (key) => key.permissions.includes("payouts:create") && !ENDED.includes(stateOfKey(key, now)),
  );
  return (
    <Sheet
      title="Servers that may ask for payouts"
      flush
      actions={<ButtonLink href="/developers/keys/">API keys</ButtonLink>}
    >
      {problem && <ErrorState problem={problem} onRetry={keys.refetch} />}
      {!problem && (keys.isLoading || signing.isPending) && <Skeleton lines={4} />}
      {!problem && !keys.isLoading && able.length === 0 && (
        <EmptyState
          title="No key may ask for payouts"
          why="Make an API key with the permission payouts:create and the addresses of your server; then it gets its secret here."
          example="Payroll · from 203.0.113.0/24 · secret since Monday"
        />
      )}
      <ul className="divide-y divide-rule">
        {able.map((key) => (
          <KeyLine key={key.id} row={key} signing={since.get(key.id)} onMade={setMade} />
        ))}
      </ul>
      <Dialog
        open={made !== null}
        onOpenChange={(open) => !open && setMade(null)}
        title="Copy the secret now"
        description="It is shown only this once; an earlier one has stopped working"
      >
        {made && <Secret name="Secret" text={made} />}
      </Dialog>
    </Sheet>
  );
}

type LineProps = { row: ApiKey; signing?: Signing; onMade: (secret: string) => void };

function KeyLine({ row, signing, onMade }: LineProps) {
  const can = useCan();
  const [asking, setAsking] = useState(false);
  const make = useAction();
  const act = async () => {
    const done = await make.run(async () => {
      const made = await api.post<Schemas["SigningKeyOut"]>(PATH, { key_id: row.id });
      if (made.secret) onMade(made.secret);
    });
    if (done) setAsking(false);
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{row.name}</span>
          <span className="font-mono text-soft text-xs">{row.hint}</span>
          <KeyState row={row} signing={signing} />
        </p>
        <p className="mt-0.5 text-soft text-xs [overflow-wrap:anywhere]">
          {row.networks.length > 0
            ? `From ${row.networks.join(", ")}`
            : "It has no list of addresses: replace it by a key with one"}
          {signing && (
            <>
              {" · secret since "}
              <When at={signing.created_at} />
            </>
          )}
        </p>
        {make.problem && !asking && <ErrorState problem={make.problem} />}
      </div>
      {can("api_keys:write") && (
        <Button busy={make.busy} onClick={() => (signing ? setAsking(true) : void act())}>
          {signing ? "Replace the secret" : "Make the secret"}
        </Button>
      )}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={`Replace the secret of ${row.name}?`}
        description="What is signed with the present one is refused from that moment on"
      >
        <div className="space-y-4">
          {make.problem && <ErrorState problem={make.problem} />}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button kind="danger" busy={make.busy} onClick={act}>
              Replace
            </Button>
          </div>
        </div>
      </Dialog>
    </li>
  );
}

function KeyState({ row, signing }: { row: ApiKey; signing?: Signing }) {
  if (!signing) return <State state="no_secret" tone="neutral" />;
  if (row.networks.length === 0) return <State state="needs_addresses" tone="held" />;
  return <State state="ready" />;
}
