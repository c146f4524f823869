"use client";

import { useState } from "react";
import { asProblem, type Problem } from "@/client/problem";
import { ErrorState } from "@/ui/error-state";
import { State, stateWord } from "@/ui/state";
import { OutsideFrame } from "./outside-frame";
import { useSession, useSessionActions } from "./session";

export function ChooseTenantPage() {
  const me = useSession();
  const { switchTenant } = useSessionActions();
  const [problem, setProblem] = useState<Problem | null>(null);
  const choose = (id: string) => switchTenant(id).catch((error) => setProblem(asProblem(error)));
  return (
    <OutsideFrame title="Choose where to work" note={`Logged in as ${me.user.email}`}>
      {problem && <ErrorState problem={problem} />}
      <ul className="divide-y divide-rule">
        {me.memberships.map((membership) => (
          <li key={membership.tenant_id}>
            <button
              type="button"
              onClick={() => choose(membership.tenant_id)}
              className="flex w-full items-center justify-between gap-3 rounded px-2 py-3 text-left hover:bg-well"
            >
              <span className="min-w-0">
                <span className="block truncate font-medium">{membership.tenant_name}</span>
                <span className="text-soft text-xs">{stateWord(membership.role)}</span>
              </span>
              {membership.mode === "sandbox" && <State state="sandbox" tone="waiting" />}
            </button>
          </li>
        ))}
      </ul>
    </OutsideFrame>
  );
}
