"use client";

import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import type { Party } from "@/features/parties/contract";
import { ButtonLink } from "@/ui/button";
import { Sheet } from "@/ui/sheet";

const SAYS = {
  unverified: ["verifyTitle", "verifyWhy", "verifyAct"],
  rejected: ["correctTitle", "correctWhy", "correctAct"],
  submitted: ["lookedAtTitle", "lookedAtWhy", "lookedAtAct"],
} as const;

/** What somebody new does next, until they are verified. */
export function FirstSteps({ partyId }: { partyId: string }) {
  const t = useTranslations("verification");
  const party = useThing<Party>(`/parties/${partyId}`);
  const state = party.data?.kyc_state;
  if (!state || !(state in SAYS)) return null;
  const [title, why, act] = SAYS[state as keyof typeof SAYS];
  return (
    <Sheet className="mb-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="text-base">{t(title)}</h2>
          <p className="mt-1 text-soft">{t(why)}</p>
        </div>
        <ButtonLink href="/account/">{t(act)}</ButtonLink>
      </div>
    </Sheet>
  );
}
