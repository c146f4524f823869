"use client";

import { useThing } from "@/client/queries";
import { Link } from "@/ui/link";
import { State } from "@/ui/state";
import type { TrialBalance } from "./contract";

/** One green tick while debits equal credits in every currency. */
export function BalancedTick() {
  const trial = useThing<TrialBalance>("/ledger/trial-balance", { depth: "1" });
  if (!trial.data) return null;
  const { balanced } = trial.data;
  return (
    <Link href="/ledger/trial-balance/">
      <State
        state={balanced ? "balanced" : "failed"}
        word={balanced ? "Debits equal credits" : "Debits and credits differ"}
      />
    </Link>
  );
}
