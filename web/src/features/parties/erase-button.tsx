"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { ReasonField } from "@/ui/reason-field";
import { Skeleton } from "@/ui/skeleton";

type Erasure = Schemas["ErasureOut"];
type Trace = Schemas["TraceOut"];

/** What each kind of trace is called where somebody decides whether it may go. */
const NAMES: Record<string, string> = {
  details: "Name, address, numbers",
  documents: "Identity documents",
  logins: "Logins",
  bank_accounts: "Bank accounts",
  payers: "Payments that say who paid",
  problems: "Problems told, and answers",
  notes: "Notes",
  activities: "Calls, meetings, tasks",
  files: "Files",
  deals: "Titles of deals",
  postings: "Postings",
  payments: "Payments",
  invoices: "Invoices",
  credit_notes: "Credit notes",
  receipts: "Receipts",
  bills: "Bills",
  quotes: "Quotes",
  orders: "Orders",
  statements: "Statements",
};

/** Lets whoever may do so forget a person or company for good, after showing what goes and what stays. */
export function EraseButton({ partyId, name }: { partyId: string; name: string }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can("parties:erase")) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Erase</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Erase ${name}?`}
        description="Nobody can read again who this was. It cannot be undone."
      >
        {open && <Preview partyId={partyId} onDone={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function Preview({ partyId, onDone }: { partyId: string; onDone: () => void }) {
  const seen = useThing<Erasure>(`/parties/${partyId}/erasure`);
  if (seen.error) return <ErrorState problem={seen.error} onRetry={() => seen.refetch()} />;
  if (!seen.data) return <Skeleton lines={6} />;
  return (
    <div className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Traces title="Is erased" traces={seen.data.forgotten} none="Nothing is known." />
        <Traces title="Stays, without a name" traces={seen.data.kept} none="The books have nothing." />
      </div>
      <p className="text-soft text-sm">
        The law wants books, invoices and receipts kept with their numbers and amounts; they will say “erased”.
      </p>
      <Decision seen={seen.data} onDone={onDone} />
    </div>
  );
}

function Traces({ title, traces, none }: { title: string; traces: Trace[]; none: string }) {
  return (
    <section>
      <h3 className="font-medium">{title}</h3>
      {traces.length === 0 && <p className="text-soft text-sm">{none}</p>}
      <ul className="text-sm">
        {traces.map((trace) => (
          <li key={trace.kind} className="flex justify-between gap-3 py-1">
            <span>{NAMES[trace.kind] ?? trace.kind}</span>
            <span className="tabular-nums">{trace.number}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Decision({ seen, onDone }: { seen: Erasure; onDone: () => void }) {
  if (seen.approval_id) {
    return (
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p>A second person decides about this.</p>
        <ButtonLink href="/approvals/">Open approvals</ButtonLink>
      </div>
    );
  }
  if (seen.reasons.length > 0) {
    return (
      <div role="status">
        <p className="font-medium">Not now. Nothing has been erased, because</p>
        <ul className="list-disc ps-5">
          {seen.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </div>
    );
  }
  return <EraseForm seen={seen} onDone={onDone} />;
}

function EraseForm({ seen, onDone }: { seen: Erasure; onDone: () => void }) {
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    event.stopPropagation();
    const reason = String(new FormData(event.currentTarget).get("reason")).trim();
    if (await act.run(() => api.post(`/parties/${seen.party_id}/erase`, { reason }))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <ReasonField problem={act.problem} hint="Why, not who: it stays on record" />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="danger" type="submit" busy={act.busy} className="w-full">
        {seen.needs_second_person ? "Ask a second person" : "Erase for good"}
      </Button>
    </form>
  );
}
