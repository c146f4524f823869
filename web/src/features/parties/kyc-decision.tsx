"use client";

import { Check } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import type { Party } from "./contract";

type Decision = "approve" | "reject";

/** Approve, or reject with a reason the person will read. */
export function KycDecision({ party }: { party: Party }) {
  const [deciding, setDeciding] = useState<Decision | null>(null);
  return (
    <>
      <Button kind="primary" icon={<Check size={14} aria-hidden />} onClick={() => setDeciding("approve")}>
        Approve
      </Button>
      <Button kind="danger" onClick={() => setDeciding("reject")}>
        Reject
      </Button>
      <Dialog
        open={deciding !== null}
        onOpenChange={(open) => !open && setDeciding(null)}
        title={deciding === "reject" ? `Reject ${party.name}?` : `Approve ${party.name}?`}
        description={
          deciding === "reject"
            ? "They read the reason and can hand in again"
            : "Their limits rise to the verified tier"
        }
      >
        {deciding && <DecisionForm party={party} decision={deciding} onDone={() => setDeciding(null)} />}
      </Dialog>
    </>
  );
}

type FormProps = { party: Party; decision: Decision; onDone: () => void };

function DecisionForm({ party, decision, onDone }: FormProps) {
  const act = useAction();
  const isRejection = decision === "reject";

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    const done = await act.run(() => api.post(`/parties/${party.id}/kyc/${decision}`, reason ? { reason } : {}));
    if (done) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label={isRejection ? "Reason" : "Note"}
        name="reason"
        required={isRejection}
        hint={isRejection ? "Say what to correct" : "They read it as well; may stay empty"}
        error={act.problem?.messageFor("reason")}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind={isRejection ? "danger" : "primary"} type="submit" busy={act.busy} className="w-full">
        {isRejection ? "Reject" : "Approve"}
      </Button>
    </form>
  );
}
