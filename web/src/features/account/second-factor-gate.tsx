"use client";

import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { OutsideFrame } from "@/features/identity/outside-frame";
import { useSession, useSessionActions } from "@/features/identity/session";
import { Button, ButtonLink } from "@/ui/button";
import { Secret } from "@/ui/secret";
import { TurnOn } from "./second-factor-sheet";

/** Where the role works only with a second factor, everything waits behind setting one up. Only staff meets it. */
export function SecondFactorGate({ children }: { children: ReactNode }) {
  const { second_factor_missing: missing } = useSession();
  const [recovery, setRecovery] = useState<string[] | null>(null);
  if (recovery !== null) return <Recovery codes={recovery} onKept={() => setRecovery(null)} />;
  return missing ? <SetUp onConfirmed={setRecovery} /> : children;
}

function SetUp({ onConfirmed }: { onConfirmed: (codes: string[]) => void }) {
  const me = useSession();
  const { logOut } = useSessionActions();
  return (
    <OutsideFrame
      title="Set up a second factor"
      note={`Your role at ${me.tenant.name} moves real money or gives access to it. It works only with one.`}
    >
      <TurnOn onConfirmed={onConfirmed} />
      <div className="mt-6 flex flex-wrap gap-2 border-rule border-t pt-4">
        {me.memberships.length > 1 && (
          <ButtonLink href="/choose-tenant/" kind="quiet">
            Work somewhere else
          </ButtonLink>
        )}
        <Button kind="quiet" onClick={logOut}>
          Log out
        </Button>
      </div>
    </OutsideFrame>
  );
}

function Recovery({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const t = useTranslations("account");
  return (
    <OutsideFrame title={t("recoveryCodes")} note={t("recoveryNote")}>
      <Secret name={t("recoveryCodes")} text={codes.join("\n")} />
      <Button kind="primary" className="mt-6" onClick={onKept}>
        I have kept them
      </Button>
    </OutsideFrame>
  );
}
