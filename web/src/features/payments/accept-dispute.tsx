"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { waitingFacts } from "@/features/approvals/waiting";
import { Button } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import type { Fact } from "@/ui/sheet";
import type { AcceptanceAsked, Dispute } from "./contract";

type Preview = Dispute | AcceptanceAsked;
type Looked = { reason: string; preview: Preview };

const TITLE = "Accept this dispute";

/** Gives in to a dispute: shows what that means, then does it. */
export function AcceptDispute({ dispute }: { dispute: Dispute }) {
  const [open, setOpen] = useState(false);
  const [looked, setLooked] = useState<Looked | null>(null);
  const close = () => {
    setOpen(false);
    setLooked(null);
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>Accept the dispute</Button>
      <Dialog
        open={open && !looked}
        onOpenChange={setOpen}
        title={TITLE}
        description="The customer keeps the money and no evidence is handed in. This cannot be taken back."
      >
        <Ask path={pathOf(dispute)} onReady={(reason, preview) => setLooked({ reason, preview })} />
      </Dialog>
      {looked && <Confirm dispute={dispute} looked={looked} onClose={close} />}
    </>
  );
}

const pathOf = (dispute: Dispute) => `/disputes/${encodeURIComponent(dispute.id)}/accept`;

function Ask({ path, onReady }: { path: string; onReady: (reason: string, preview: Preview) => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function look(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    setBusy(true);
    setProblem(null);
    try {
      onReady(reason, await api.post<Preview>(path, { reason }, { query: { dry_run: true } }));
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={look} className="space-y-4">
      <TextField label="Reason" name="reason" maxLength={200} hint="For your own records" />
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        Look before it happens
      </Button>
    </form>
  );
}

function Confirm({ dispute, looked, onClose }: { dispute: Dispute; looked: Looked; onClose: () => void }) {
  const post = useKeyedPost();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { reason, preview } = looked;
  const isAsked = preview.status === "needs_approval";

  async function confirm() {
    setBusy(true);
    setProblem(null);
    try {
      await post(pathOf(dispute), { reason });
      await queries.invalidateQueries();
      onClose();
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  }

  return (
    <ConfirmMoney
      open
      title={TITLE}
      amount={dispute.amount}
      facts={isAsked ? waitingFacts((preview as AcceptanceAsked).expires_at) : factsOf(dispute)}
      balances={isAsked ? [] : [{ name: "On hold", before: dispute.amount, after: { ...dispute.amount, amount: 0 } }]}
      confirmLabel={isAsked ? "Ask a second person" : "Accept it"}
      busy={busy}
      problem={problem}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}

function factsOf(dispute: Dispute): Fact[] {
  return [
    ["The customer keeps", <Money key="amount" value={dispute.amount} />],
    ["The fee stays", <Money key="fee" value={dispute.fee} />],
    ["What happens", "The provider is told, and the dispute is lost when it has said so"],
  ];
}
