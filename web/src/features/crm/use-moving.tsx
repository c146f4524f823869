"use client";

import { useEffect, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import type { Opportunity, Stage } from "./contract";

/** Moves deals: a lost one asks why first, and what was moved is said aloud. A newer version is never overwritten. */
export function useMoving() {
  const act = useAction();
  const [losing, setLosing] = useState<{ deal: Opportunity; stage: Stage } | null>(null);
  const [said, setSaid] = useState("");
  const [moved, setMoved] = useState<string | null>(null);

  // The card is made anew in its next column: the hand that moved it stays on it.
  useEffect(() => {
    if (moved === null) return;
    document.querySelector<HTMLElement>(`[data-deal="${moved}"]`)?.focus();
    setMoved(null);
  }, [moved]);

  async function send(deal: Opportunity, stage: Stage, reason?: string) {
    const body = { stage_id: stage.id, version: deal.version, ...(reason && { reason }) };
    const done = await act.run(() => api.post(`/crm/opportunities/${deal.id}/move`, body));
    setSaid(done ? `${deal.title} is at ${stage.name}` : `${deal.title} was not moved`);
    if (done) setMoved(deal.id);
    return done;
  }

  function move(deal: Opportunity, stage: Stage) {
    if (act.busy) return;
    if (stage.outcome === "lost") setLosing({ deal, stage });
    else void send(deal, stage);
  }

  const asking = (
    <>
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
      {act.problem && !losing && <ErrorState problem={act.problem} />}
      {losing && (
        <LostDialog
          title={losing.deal.title}
          busy={act.busy}
          problem={act.problem}
          onClose={() => setLosing(null)}
          onLost={async (reason) => {
            if (await send(losing.deal, losing.stage, reason)) setLosing(null);
          }}
        />
      )}
    </>
  );
  return { move, asking };
}

type LostProps = {
  title: string;
  busy: boolean;
  problem: ReturnType<typeof useAction>["problem"];
  onClose: () => void;
  onLost: (reason: string) => void;
};

function LostDialog({ title, busy, problem, onClose, onLost }: LostProps) {
  const [reason, setReason] = useState("");
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Why was ${title} lost?`}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          onLost(reason);
        }}
      >
        <TextField
          label="Reason"
          value={reason}
          required
          maxLength={200}
          autoFocus
          onChange={(event) => setReason(event.target.value)}
          hint="It is read when the next offer is made"
        />
        {problem && <ErrorState problem={problem} />}
        <Button kind="primary" type="submit" busy={busy} disabled={!reason.trim()} className="w-full">
          It was lost
        </Button>
      </form>
    </Dialog>
  );
}
