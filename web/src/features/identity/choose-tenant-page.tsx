"use client";

import { useState } from "react";
import { useTranslations } from "use-intl";
import { asProblem, type Problem } from "@/client/problem";
import { ErrorState } from "@/ui/error-state";
import { State, useStateWord } from "@/ui/state";
import { OutsideFrame } from "./outside-frame";
import { useSession, useSessionActions } from "./session";

export function ChooseTenantPage() {
  const t = useTranslations("identity");
  const wordOf = useStateWord();
  const me = useSession();
  const { switchTenant } = useSessionActions();
  const [problem, setProblem] = useState<Problem | null>(null);
  const choose = (id: string) => switchTenant(id).catch((error) => setProblem(asProblem(error)));
  return (
    <OutsideFrame title={t("chooseTenant")} note={t("loggedInAs", { email: me.user.email })}>
      {problem && <ErrorState problem={problem} />}
      <ul className="divide-y divide-rule">
        {me.memberships.map((membership) => (
          <li key={membership.tenant_id}>
            <button
              type="button"
              onClick={() => choose(membership.tenant_id)}
              className="flex w-full items-center justify-between gap-3 rounded px-2 py-3 text-start hover:bg-well"
            >
              <span className="min-w-0">
                <span className="block truncate font-medium">{membership.tenant_name}</span>
                <span className="text-soft text-xs">{wordOf(membership.role)}</span>
              </span>
              {membership.mode === "sandbox" && <State state="sandbox" tone="waiting" />}
            </button>
          </li>
        ))}
      </ul>
    </OutsideFrame>
  );
}
