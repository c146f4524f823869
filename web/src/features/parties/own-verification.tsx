"use client";

import type { FormEvent } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import type { Party } from "./contract";
import { DocumentUpload } from "./document-upload";
import { Documents } from "./documents";

const SAYS = ["unverified", "submitted", "approved", "rejected"] as const;

/** One's own verification: where it stands and why, the documents, and handing it in. */
export function OwnVerification({ partyId }: { partyId: string }) {
  const t = useTranslations("verification");
  const party = useThing<Party>(`/parties/${partyId}`);
  if (party.error) return <ErrorState problem={party.error} onRetry={() => party.refetch()} />;
  if (!party.data) return <Skeleton lines={6} />;
  const { kyc_state: state, kyc_reason: reason } = party.data;
  const says = SAYS.find((each) => each === state);
  const isOpen = state === "unverified" || state === "rejected";
  return (
    <Sheet title={t("title")} actions={<State state={state} />}>
      <div className="space-y-6">
        <p>{says && t(says)}</p>
        {reason && (
          <p className="rounded-md bg-well p-3">
            <span className="font-medium">{t("reviewerSays")}</span> {reason}
          </p>
        )}
        <section className="space-y-3">
          <h3 className="text-sm">{t("documents")}</h3>
          <Documents partyId={partyId} />
          {state !== "approved" && <DocumentUpload partyId={partyId} />}
        </section>
        {isOpen && <Submission party={party.data} />}
      </div>
    </Sheet>
  );
}

function Submission({ party }: { party: Party }) {
  const t = useTranslations("verification");
  const handIn = useAction();
  const { problem } = handIn;
  const isCompany = party.kind === "company";

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.currentTarget));
    void handIn.run(() => api.post(`/parties/${party.id}/kyc`, typed));
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <h3 className="text-sm">{t("details")}</h3>
      <TextField
        label={t(isCompany ? "companyName" : "fullName")}
        name="name"
        autoComplete={isCompany ? "organization" : "name"}
        defaultValue={party.name}
        required
        hint={t(isCompany ? "companyNameHint" : "fullNameHint")}
        error={problem?.messageFor("name")}
      />
      {!isCompany && (
        <TextField
          label={t("birthDate")}
          name="birth_date"
          type="date"
          autoComplete="bday"
          defaultValue={party.birth_date ?? ""}
          required
          error={problem?.messageFor("birth_date")}
        />
      )}
      <TextField
        label={t("address")}
        name="address"
        autoComplete="street-address"
        defaultValue={party.address ?? ""}
        required
        error={problem?.messageFor("address")}
      />
      <TextField
        label={t(isCompany ? "registerNumber" : "nationalId")}
        name="national_id"
        autoComplete="off"
        required
        error={problem?.messageFor("national_id")}
      />
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={handIn.busy}>
        {t("handIn")}
      </Button>
    </form>
  );
}
