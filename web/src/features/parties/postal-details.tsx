"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { readerLocale } from "@/lib/locale";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { Field, TextField } from "@/ui/field";
import { Facts, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Party } from "./contract";

/** Where a customer's or supplier's post goes and how the tax office knows them: what documents print. */
export function PostalDetails({ partyId, mayChange }: { partyId: string; mayChange: boolean }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  const party = useThing<Party>(`/parties/${partyId}`);
  return (
    <Sheet
      title="On documents"
      actions={
        mayChange &&
        can("kyc:submit") &&
        party.data &&
        !party.data.erased && <Button onClick={() => setOpen(true)}>Change address</Button>
      }
    >
      {party.error && <ErrorState problem={party.error} onRetry={() => party.refetch()} />}
      {!party.error && !party.data && <Skeleton lines={3} />}
      {party.data && (
        <>
          <PostalFacts party={party.data} />
          <Dialog
            open={open}
            onOpenChange={setOpen}
            title="Address and tax number"
            description="For what is issued from now on; documents that were issued keep what they said"
          >
            <PostalForm party={party.data} onSaved={() => setOpen(false)} />
          </Dialog>
        </>
      )}
    </Sheet>
  );
}

function PostalFacts({ party }: { party: Party }) {
  return (
    <Facts
      facts={[
        [
          "Address",
          party.address ? (
            <span key="address" className="whitespace-pre-line">
              {party.address}
            </span>
          ) : (
            "Not known"
          ),
        ],
        ["Country", party.country ? countryName(party.country) : "Not known"],
        ["Tax number", party.tax_number ?? "Not known"],
      ]}
    />
  );
}

function countryName(code: string): string {
  return new Intl.DisplayNames(readerLocale(), { type: "region" }).of(code) ?? code;
}

function PostalForm({ party, onSaved }: { party: Party; onSaved: () => void }) {
  const save = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const body = {
      address: text("address").replaceAll("\r\n", "\n"),
      country: text("country").toUpperCase(),
      tax_number: text("tax_number"),
    };
    if (await save.run(() => api.patch(`/parties/${party.id}`, body))) onSaved();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <Field label="Address" hint="Street, then postcode and town" error={save.problem?.messageFor("address")}>
        {(wiring) => (
          <textarea {...wiring} name="address" rows={3} maxLength={500} defaultValue={party.address ?? ""} />
        )}
      </Field>
      <TextField
        label="Country"
        name="country"
        maxLength={2}
        pattern="[A-Za-z]{2}"
        defaultValue={party.country ?? ""}
        hint="Two letters, such as ID or DE; electronic invoices need it"
        error={save.problem?.messageFor("country")}
      />
      <TextField
        label="Tax number"
        name="tax_number"
        maxLength={200}
        defaultValue={party.tax_number ?? ""}
        error={save.problem?.messageFor("tax_number")}
      />
      {save.problem && <ErrorState problem={save.problem} />}
      <Button kind="primary" type="submit" busy={save.busy} className="w-full">
        Save
      </Button>
    </form>
  );
}
