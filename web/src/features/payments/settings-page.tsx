"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { percentOf } from "@/features/settlement/contract";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { Secret } from "@/ui/secret";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { methodName } from "./payment-steps";
import { ROUNDINGS, type Terms } from "./terms";
import { TermsForm } from "./terms-form";

const DEFAULTS = { merchant: "" };

/** Fees, hold, ways to pay and looks: of the organisation, or of one merchant where it differs. */
export function PaymentSettingsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const can = useCan();
  const { party_id: own } = useSession();
  const terms = useThing<Terms>("/payment-settings", { merchant_id: view.merchant });
  const mayChange = can("tenant:write");
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader
        title="Payment settings"
        note="What a payment costs, how long its money is held, and what customers see"
        actions={<ButtonLink href="/payments/">Payments</ButtonLink>}
      />
      <div className="space-y-6">
        {own === null && (
          <PartyPicker
            label="Whose"
            among="merchant"
            initial={view.merchant || null}
            placeholder="Everybody's"
            hint="A merchant follows the organisation in whatever is not set for it"
            onChange={(merchant) => change({ merchant })}
          />
        )}
        {terms.error && <ErrorState problem={terms.error} onRetry={() => terms.refetch()} />}
        {terms.isPending && <Skeleton lines={8} />}
        {terms.data && mayChange && (
          <TermsForm
            key={view.merchant + JSON.stringify(terms.data)}
            terms={terms.data}
            merchant={view.merchant || null}
          />
        )}
        {terms.data && !mayChange && (
          <Sheet title="In force">
            <Facts facts={factsOf(terms.data)} />
          </Sheet>
        )}
        {mayChange && <ReturnKey key={view.merchant} merchant={view.merchant || null} />}
      </div>
    </div>
  );
}

function factsOf(terms: Terms): Fact[] {
  const fixed = Object.entries(terms.fee_fixed).map(([currency, amount]) => (
    <Money key={currency} value={{ amount, currency }} className="ms-2" />
  ));
  return [
    ["Fee", `${percentOf(terms.fee_rate)} %`],
    ["Fixed fee", fixed.length > 0 ? fixed : "None"],
    ["Rounded", ROUNDINGS.find(([value]) => value === terms.rounding)?.[1] ?? terms.rounding],
    ["Held for", `${terms.hold_days} days`],
    ["When a payment is refunded", terms.refund_fee === "keep" ? "The fee is kept" : "The fee goes back"],
    ["Money that comes late", terms.accept_late ? "Is taken" : "Waits for a person"],
    ["Time to pay", `${Math.round(terms.expiry_seconds / 60)} minutes`],
    ["Not offered", terms.methods_off.map(methodName).join(", ") || "Every way to pay is offered"],
    ["Called", terms.display_name || "By the merchant's name"],
    ["Leads back to", terms.return_urls.join(" ") || "Nowhere"],
  ];
}

/** The key that signs the way back to the shop. It is shown once; the one before stops at once. */
function ReturnKey({ merchant }: { merchant: string | null }) {
  const act = useAction();
  const [made, setMade] = useState<string | null>(null);
  const make = () =>
    act.run(async () => {
      const body = { merchant_id: merchant };
      setMade((await api.post<{ return_key: string | null }>("/payment-settings/return-key", body)).return_key);
    });
  return (
    <Sheet title="Key of return links">
      <div className="space-y-3">
        <p className="text-soft">
          With a key the address that leads a customer back to the shop is signed, so that the shop can tell it was not
          made up. A new key takes the place of the one before at once.
        </p>
        {act.problem && <ErrorState problem={act.problem} />}
        {made ? (
          <>
            <p role="status">Copy it now: it is not shown again.</p>
            <Secret name="Return key" text={made} />
          </>
        ) : (
          <Button busy={act.busy} onClick={make}>
            Make a new key
          </Button>
        )}
      </div>
    </Sheet>
  );
}
