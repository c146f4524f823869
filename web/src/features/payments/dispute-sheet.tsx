"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import { useCan } from "@/features/identity/session";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { type Fact, Facts, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Dispute } from "./contract";

const OPEN = "open";

/** A disputed payment: what is on hold, and what speaks for the merchant. */
export function DisputeSheet({ dispute }: { dispute: Dispute }) {
  const can = useCan();
  const facts: Fact[] = [
    ["State", <State key="state" state={dispute.status} tone={dispute.status === OPEN ? "held" : undefined} />],
    ["Amount", <Money key="amount" value={dispute.amount} href="#postings" />],
    ["Fee", <Money key="fee" value={dispute.fee} href="#postings" />],
    ["Reason", dispute.reason || "—"],
    ["Opened", <When key="opened" at={dispute.opened_at} />],
    ...(dispute.evidence ? [["Evidence", dispute.evidence] as Fact] : []),
  ];
  return (
    <Sheet title="Dispute">
      <Facts facts={facts} />
      {dispute.status === OPEN && can("payments:manage") && <EvidenceForm dispute={dispute} />}
    </Sheet>
  );
}

function EvidenceForm({ dispute }: { dispute: Dispute }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function keep(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget).get("note")).trim();
    setBusy(true);
    setProblem(null);
    try {
      await api.post(`/disputes/${encodeURIComponent(dispute.id)}/evidence`, { note });
      await queries.invalidateQueries();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={keep} className="mt-3 space-y-3">
      <TextField label="Evidence" name="note" required maxLength={4000} hint="What speaks for you, in your own words" />
      {problem && <ErrorState problem={problem} />}
      <Button type="submit" busy={busy}>
        Keep the evidence
      </Button>
    </form>
  );
}
