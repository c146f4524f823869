"use client";

import { useCan, useSession } from "@/features/identity/session";
import { OwnVerification } from "@/features/parties/own-verification";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { PasswordSheet } from "./password-sheet";
import { SecondFactorSheet } from "./second-factor-sheet";
import { SessionsSheet } from "./sessions-sheet";

/** One's own profile, verification and the ways in: password, second factor, sessions. */
export function AccountPage() {
  const me = useSession();
  const can = useCan();
  const facts: Fact[] = [
    ["Name", me.user.name],
    ["E-mail", me.user.email],
    ["Role", stateWord(me.role)],
    ["Organisation", me.tenant.name],
    [
      "Second factor",
      <State
        key="totp"
        state={me.user.totp_enabled ? "on" : "off"}
        tone={me.user.totp_enabled ? "success" : "neutral"}
      />,
    ],
  ];
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title="Security and profile" />
      <div className="space-y-6">
        <Sheet title="You">
          <Facts facts={facts} />
        </Sheet>
        {me.party_id && can("kyc:submit") && <OwnVerification partyId={me.party_id} />}
        <SecondFactorSheet />
        <PasswordSheet />
        <SessionsSheet />
      </div>
    </div>
  );
}
