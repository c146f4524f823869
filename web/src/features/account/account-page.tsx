"use client";

import { useTranslations } from "use-intl";
import { useCan, useSession } from "@/features/identity/session";
import { LanguageField } from "@/features/language/language-field";
import { OwnVerification } from "@/features/parties/own-verification";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { State, useStateWord } from "@/ui/state";
import { PasswordSheet } from "./password-sheet";
import { SecondFactorSheet } from "./second-factor-sheet";
import { SessionsSheet } from "./sessions-sheet";

/** One's own profile, verification and the ways in: password, second factor, sessions. */
export function AccountPage() {
  const t = useTranslations("account");
  const wordOf = useStateWord();
  const me = useSession();
  const can = useCan();
  const facts: Fact[] = [
    [t("name"), me.user.name],
    [t("email"), me.user.email],
    [t("role"), wordOf(me.role)],
    [t("organisation"), me.tenant.name],
    [
      t("secondFactor"),
      <State
        key="totp"
        state={me.user.totp_enabled ? "on" : "off"}
        tone={me.user.totp_enabled ? "success" : "neutral"}
      />,
    ],
  ];
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title={t("title")} />
      <div className="space-y-6">
        <Sheet title={t("you")}>
          <Facts facts={facts} />
          {me.role === "customer" && (
            <div className="mt-4 max-w-xs">
              <LanguageField hint={t("languageHint")} />
            </div>
          )}
        </Sheet>
        {me.party_id && can("kyc:submit") && <OwnVerification partyId={me.party_id} />}
        <SecondFactorSheet />
        <PasswordSheet />
        <SessionsSheet />
      </div>
    </div>
  );
}
