"use client";

import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { useStored } from "@/ui/stored";

type Props = { pipelineId: string; partyId?: string };

/** Adds a deal; on a customer's page the customer is known. */
export function NewDeal({ pipelineId, partyId }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        New deal
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="New deal">
        <DealForm pipelineId={pipelineId} partyId={partyId} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function DealForm({ pipelineId, partyId, onDone }: Props & { onDone: () => void }) {
  const act = useAction();
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const [minor, setMinor] = useState<number | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      pipeline_id: pipelineId,
      party_id: partyId ?? String(form.get("party_id")),
      title: String(form.get("title")),
      amount: { amount: minor ?? 0, currency },
      expected_close: String(form.get("expected_close")),
    };
    if (await act.run(() => api.post("/crm/opportunities", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      {!partyId && (
        <PartyPicker
          label="Customer"
          name="party_id"
          adds="customer"
          fits={() => true}
          required
          error={act.problem?.messageFor("party_id")}
        />
      )}
      <TextField label="What it is about" name="title" required maxLength={200} autoFocus />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
          {allCurrencies().map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
        <MoneyInput label="Amount" currency={currency} onChange={setMinor} />
      </div>
      <TextField label="Expected to close" name="expected_close" type="date" required />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={minor === null} className="w-full">
        Add the deal
      </Button>
    </form>
  );
}
