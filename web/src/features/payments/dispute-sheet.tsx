"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useWaiting, Waits } from "@/features/approvals/waiting";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { type Fact, Facts, Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { AcceptDispute } from "./accept-dispute";
import type { Dispute } from "./contract";
import { EvidenceFiles } from "./evidence-files";

const OPEN = "open";

/** A disputed payment: what is on hold, and what speaks for the merchant. */
export function DisputeSheet({ dispute, postings = "#postings" }: { dispute: Dispute; postings?: string }) {
  const can = useCan();
  const mayManage = can("payments:manage");
  const isAnswered = dispute.submitted_at !== null || dispute.accepted_at !== null;
  const mayChange = mayManage && dispute.status === OPEN && !isAnswered;
  const waiting = useWaiting("dispute_acceptance", dispute.id);
  return (
    <Sheet title="Dispute">
      <Facts facts={factsOf(dispute, postings)} />
      {waiting && (
        <div className="mt-3">
          <Waits approval={waiting} label="Accepting waits">
            Accepting this dispute waits
          </Waits>
        </div>
      )}
      {mayChange && <EvidenceForm dispute={dispute} />}
      <EvidenceFiles dispute={dispute} mayChange={mayChange} mayOpen={mayManage} />
      {mayChange && (
        <div className="mt-4 flex flex-wrap gap-2">
          <HandIn dispute={dispute} />
          {!waiting && <AcceptDispute dispute={dispute} />}
        </div>
      )}
    </Sheet>
  );
}

function factsOf(dispute: Dispute, postings: string): Fact[] {
  return [
    ["State", <State key="state" state={dispute.status} tone={dispute.status === OPEN ? "held" : undefined} />],
    ["Amount", <Money key="amount" value={dispute.amount} href={postings} />],
    ["Fee", <Money key="fee" value={dispute.fee} href={postings} />],
    ["Reason", dispute.reason || "—"],
    ["Opened", <When key="opened" at={dispute.opened_at} />],
    ...(dispute.status === OPEN && dispute.answer_by
      ? [["Answer by", <When key="by" at={dispute.answer_by} beside />] as Fact]
      : []),
    ...(dispute.evidence ? [["Evidence", dispute.evidence] as Fact] : []),
    ...(dispute.submitted_at ? [["Handed in", <When key="submitted" at={dispute.submitted_at} />] as Fact] : []),
    ...(dispute.accepted_at ? [["Accepted", <When key="accepted" at={dispute.accepted_at} />] as Fact] : []),
    ...(dispute.acceptance_failure ? [["Not accepted", stateWord(dispute.acceptance_failure)] as Fact] : []),
  ];
}

function EvidenceForm({ dispute }: { dispute: Dispute }) {
  const act = useAction();

  async function keep(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget).get("note")).trim();
    await act.run(() => api.post(`/disputes/${encodeURIComponent(dispute.id)}/evidence`, { note }));
  }

  return (
    <form onSubmit={keep} className="mt-3 space-y-3">
      <TextField label="Evidence" name="note" required maxLength={4000} hint="What speaks for you, in your own words" />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button type="submit" busy={act.busy}>
        Keep the evidence
      </Button>
    </form>
  );
}

/** Notes that the evidence went to the provider; asked for once more, since nothing changes after it. */
function HandIn({ dispute }: { dispute: Dispute }) {
  const [asking, ask] = useState(false);
  const act = useAction();
  const submit = async () => {
    if (await act.run(() => api.post(`/disputes/${encodeURIComponent(dispute.id)}/submit`))) ask(false);
  };
  return (
    <>
      <Button onClick={() => ask(true)}>The evidence is handed in</Button>
      <Dialog
        open={asking}
        onOpenChange={ask}
        title="Is the evidence handed in?"
        description="Hand it in with the provider's form first. Note and files cannot be changed after this."
      >
        <div className="space-y-4">
          {act.problem && <ErrorState problem={act.problem} />}
          <div className="flex justify-end gap-2">
            <Button onClick={() => ask(false)}>Not yet</Button>
            <Button kind="primary" busy={act.busy} onClick={submit}>
              It is handed in
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
