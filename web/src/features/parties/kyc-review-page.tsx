"use client";

import { useSearchParams } from "next/navigation";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Party } from "./contract";
import { Documents } from "./documents";
import { KycActions } from "./kyc-actions";

/** One party as a reviewer needs it: what it says of itself, its documents, and the decision. */
export function KycReviewPage() {
  const id = useSearchParams().get("id");
  const can = useCan();
  const party = useThing<Party>(id && `/parties/${encodeURIComponent(id)}`);
  if (!id) return <EmptyState title="Who?" why="The address names nobody. Open a verification from the list." />;
  if (party.error) return <ErrorState problem={party.error} onRetry={() => party.refetch()} />;
  if (!party.data) return <Skeleton lines={8} />;
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {party.data.erased ? "Erased" : party.data.name}
            <span role="status">
              <State state={party.data.kyc_state} />
            </span>
          </span>
        }
        note={party.data.kyc_reason}
        actions={can("kyc:review") && party.data.kyc_state === "submitted" && <KycActions party={party.data} />}
      />
      <div className="grid gap-6 lg:grid-cols-2">
        <Sheet title="Details">
          <Facts facts={factsOf(party.data)} />
        </Sheet>
        <Sheet title="Documents">
          <Documents partyId={id} />
        </Sheet>
      </div>
    </>
  );
}

function factsOf(party: Party): Fact[] {
  const isCompany = party.kind === "company";
  return [
    ["Kind", stateWord(party.kind)],
    ["Roles", party.roles.map(stateWord).join(", ") || "—"],
    ...(isCompany ? [] : [["Date of birth", party.birth_date || "—"] satisfies Fact]),
    ["Address", party.address || "—"],
    [isCompany ? "Number in the register of companies" : "Number of the identity document", party.national_id || "—"],
    ["E-mail", party.email || "—"],
    ["Phone", party.phone || "—"],
    ["Tier of limits", stateWord(party.tier)],
    ["Since", <When key="since" at={party.created_at} />],
    ["Id", <Id key="id" value={party.id} />],
  ];
}
