"use client";

import { Check } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { ReasonField } from "@/ui/reason-field";
import type { Approval } from "./contract";

type Decision = "approve" | "refuse";

/** Say yes or no, with a reason that stays in the audit log. */
export function ApprovalDecision({ approval }: { approval: Approval }) {
  const [deciding, setDeciding] = useState<Decision | null>(null);
  return (
    <>
      <Button kind="primary" icon={<Check size={14} aria-hidden />} onClick={() => setDeciding("approve")}>
        Approve
      </Button>
      <Button kind="danger" onClick={() => setDeciding("refuse")}>
        Refuse
      </Button>
      <Dialog
        open={deciding !== null}
        onOpenChange={(open) => !open && setDeciding(null)}
        title={deciding === "refuse" ? "Refuse this?" : "Approve this?"}
        description={
          deciding === "refuse"
            ? "It does not happen; money that was set aside for it is available again at once"
            : "What was asked for happens in the same moment and cannot be called back"
        }
      >
        {deciding && <DecisionForm approval={approval} decision={deciding} onDone={() => setDeciding(null)} />}
      </Dialog>
    </>
  );
}

type FormProps = { approval: Approval; decision: Decision; onDone: () => void };

function DecisionForm({ approval, decision, onDone }: FormProps) {
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    if (await act.run(() => api.post(`/approvals/${approval.id}/${decision}`, { reason }))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <ReasonField problem={act.problem} hint="What you checked; it stays in the audit log" />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind={decision === "refuse" ? "danger" : "primary"} type="submit" busy={act.busy} className="w-full">
        {decision === "refuse" ? "Refuse" : "Approve"}
      </Button>
    </form>
  );
}
