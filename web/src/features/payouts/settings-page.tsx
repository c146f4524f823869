"use client";

import { useCan } from "@/features/identity/session";
import { ButtonLink } from "@/ui/button";
import { PageHeader } from "@/ui/sheet";
import { PayoutRoutes } from "./payout-routes";
import { SigningKeys } from "./signing-keys";

/** Who carries payouts, in which order and how fast; and which servers may ask for them. */
export function PayoutSettingsPage() {
  const can = useCan();
  return (
    <>
      <PageHeader
        title="Payout settings"
        note="Which providers pay out, and which servers may ask for it"
        actions={<ButtonLink href="/payouts/">Payouts</ButtonLink>}
      />
      <div className="space-y-6">
        {can("providers:read") && <PayoutRoutes />}
        {can("api_keys:read") && <SigningKeys />}
      </div>
    </>
  );
}
