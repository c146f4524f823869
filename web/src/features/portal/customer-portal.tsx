"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { LetterList } from "@/features/billing/letters";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { useCopy } from "@/ui/id";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { When } from "@/ui/when";

type Portal = Schemas["PortalOut"];

/** The customer's own page: opening it, sending its address, and closing it. */
export function CustomerPortal({ partyId }: { partyId: string }) {
  const may = useCan()("billing:write");
  const path = `/portals/${partyId}`;
  const found = useThing<Portal>(may ? path : null, undefined, 5000);
  if (!may) return null;
  return (
    <Sheet title="Their own page">
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {!found.data && !found.error && <Skeleton lines={2} />}
      {found.data && <Standing portal={found.data} path={path} />}
    </Sheet>
  );
}

function Standing({ portal, path }: { portal: Portal; path: string }) {
  const act = useAction();
  const send = () => act.run(() => api.post(`${path}/mail`, {}));
  return (
    <div className="space-y-3">
      {act.problem && <ErrorState problem={act.problem} />}
      {portal.path ? (
        <p className="text-sm">
          Open since <When at={portal.opened_at} />.{" "}
          <a href={portal.path} className="underline underline-offset-4" target="_blank" rel="noreferrer">
            See it as they do
          </a>
        </p>
      ) : (
        <p className="text-soft text-sm">
          One address where they see and pay what is open, answer offers, and find what they have paid.
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button busy={act.busy} onClick={send}>
          Send by mail
        </Button>
        {portal.path ? <Opened path={path} address={portal.path} /> : <Open path={path} />}
      </div>
      {portal.letters.length > 0 && <LetterList letters={portal.letters} />}
    </div>
  );
}

function Open({ path }: { path: string }) {
  const act = useAction();
  return (
    <>
      <Button busy={act.busy} onClick={() => act.run(() => api.put(path, {}))}>
        Open it
      </Button>
      {act.problem && <ErrorState problem={act.problem} />}
    </>
  );
}

function Opened({ path, address }: { path: string; address: string }) {
  const copy = useCopy();
  const act = useAction();
  const [asks, setAsks] = useState(false);
  const withdraw = () => act.run(() => api.delete(path)).then((done) => done && setAsks(false));
  return (
    <>
      <Button onClick={() => copy(new URL(address, window.location.origin).href, "Address")}>Copy address</Button>
      <Button onClick={() => setAsks(true)}>Withdraw</Button>
      <Dialog
        open={asks}
        onOpenChange={setAsks}
        title="Withdraw their page?"
        description="Its address leads nowhere from now on, also in mails that were sent. Opened again it has another."
      >
        {act.problem && <ErrorState problem={act.problem} />}
        <Button kind="primary" busy={act.busy} onClick={withdraw}>
          Withdraw it
        </Button>
      </Dialog>
    </>
  );
}
