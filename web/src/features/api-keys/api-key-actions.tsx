"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { useBusinessNow } from "@/features/sandbox/business-now";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { OverlapField } from "@/ui/overlap-field";
import { ChangeKey } from "./change-key";
import { type ApiKey, stateOfKey } from "./contract";

type Props = { row: ApiKey; onMade: (key: ApiKey) => void };

/** Replace a key with an overlap, so that nothing stops; or end it at once. */
export function KeyActions({ row, onMade }: Props) {
  const [asking, setAsking] = useState<"change" | "rotate" | "revoke" | null>(null);
  const state = stateOfKey(row, useBusinessNow());
  if (state === "revoked" || state === "expired") return null;
  const close = () => setAsking(null);
  return (
    <span className="inline-flex flex-wrap justify-end gap-1">
      {state === "active" && <Button onClick={() => setAsking("change")}>Change</Button>}
      {state === "active" && <Button onClick={() => setAsking("rotate")}>Replace</Button>}
      <Button kind="danger" onClick={() => setAsking("revoke")}>
        Revoke
      </Button>
      <Dialog
        open={asking === "change"}
        onOpenChange={(open) => !open && close()}
        title={`Change ${row.name}`}
        description="It counts from the next request; the key itself stays the same"
      >
        <ChangeKey row={row} onDone={close} />
      </Dialog>
      <Dialog
        open={asking === "rotate"}
        onOpenChange={(open) => !open && close()}
        title={`Replace ${row.name}`}
        description="The new key works at once; the old one until the overlap is over"
      >
        <Rotate row={row} onMade={onMade} onDone={close} />
      </Dialog>
      <Dialog
        open={asking === "revoke"}
        onOpenChange={(open) => !open && close()}
        title={`Revoke ${row.name}?`}
        description="The next request with it is refused. This cannot be undone."
      >
        <Revoke row={row} onDone={close} />
      </Dialog>
    </span>
  );
}

function Rotate({ row, onMade, onDone }: Props & { onDone: () => void }) {
  const rotate = useAction();
  const [hours, setHours] = useState("24");
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        void rotate.run(async () => {
          const made = await api.post<ApiKey>(`/api-keys/${row.id}/rotate`, { overlap_hours: Number(hours) });
          onDone();
          onMade(made);
        });
      }}
    >
      <OverlapField value={hours} onChange={setHours} />
      {rotate.problem && <ErrorState problem={rotate.problem} />}
      <Button kind="primary" type="submit" busy={rotate.busy} className="w-full">
        Make the new key
      </Button>
    </form>
  );
}

function Revoke({ row, onDone }: { row: ApiKey; onDone: () => void }) {
  const revoke = useAction();
  const act = async () => {
    if (await revoke.run(() => api.delete(`/api-keys/${row.id}`))) onDone();
  };
  return (
    <div className="space-y-4">
      {revoke.problem && <ErrorState problem={revoke.problem} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Keep it</Button>
        <Button kind="danger" busy={revoke.busy} onClick={act}>
          Revoke
        </Button>
      </div>
    </div>
  );
}
