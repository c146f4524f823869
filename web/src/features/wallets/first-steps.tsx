"use client";

import { useThing } from "@/client/queries";
import type { Party } from "@/features/parties/contract";
import { ButtonLink } from "@/ui/button";
import { Sheet } from "@/ui/sheet";

const SAYS: Record<string, [title: string, why: string, act: string]> = {
  unverified: [
    "Verify who you are",
    "You can use the wallet at once, within small limits. Your details and a document raise them.",
    "Start the verification",
  ],
  rejected: [
    "Your verification needs a correction",
    "The reviewer has said what to correct. Until then the small limits hold.",
    "See what to correct",
  ],
  submitted: ["Your verification is being looked at", "You need not do anything; the limits rise with it.", "See it"],
};

/** What somebody new does next, until they are verified. */
export function FirstSteps({ partyId }: { partyId: string }) {
  const party = useThing<Party>(`/parties/${partyId}`);
  const says = party.data && SAYS[party.data.kyc_state];
  if (!says) return null;
  const [title, why, act] = says;
  return (
    <Sheet className="mb-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="text-base">{title}</h2>
          <p className="mt-1 text-soft">{why}</p>
        </div>
        <ButtonLink href="/account/">{act}</ButtonLink>
      </div>
    </Sheet>
  );
}
