"use client";

import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import type { Connection } from "@/features/providers/contract";
import { useConnections } from "@/features/providers/use-connections";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import type { Source } from "./contract";
import { csvIn } from "./csv-fields";
import { Rules } from "./source-rules";
import { StatementFields } from "./statement-fields";

type Props = { onMade: (id: string) => void };

/** Begins to reconcile an account: whose statements speak of it, and how their files are written. */
export function CreateSource({ onMade }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        New source
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="New source"
        description="One account and the statements that speak of it. What is on it already is open."
      >
        <Connections
          onMade={(id) => {
            setOpen(false);
            onMade(id);
          }}
        />
      </Dialog>
    </>
  );
}

function Connections({ onMade }: Props) {
  const connections = useConnections();
  if (connections.error) return <ErrorState problem={connections.error} onRetry={() => connections.refetch()} />;
  if (!connections.data) return <Skeleton lines={4} />;
  if (connections.data.length === 0) {
    return <EmptyState title="No provider yet" why="Statements are about the money of a connected provider." />;
  }
  return <SourceForm connections={connections.data} onMade={onMade} />;
}

function SourceForm({ connections, onMade }: Props & { connections: Connection[] }) {
  const create = useAction();
  const [kind, setKind] = useState("provider");
  const [currency, setCurrency] = useState("IDR");
  const [tolerance, setTolerance] = useState<number | null>(null);
  const [hasCsv, setHasCsv] = useState(true);
  const messageFor = (name: string) => create.problem?.messageFor(name) ?? null;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const body = {
      name: text("name"),
      kind,
      connection_id: text("connection"),
      currency,
      ...(kind === "bank" && { bank: text("bank") }),
      statement_account: text("statement_account"),
      ...(hasCsv && { csv: csvIn(form) }),
      tolerance: tolerance ?? 0,
      window_days: Number(text("window_days")),
      late_after_days: Number(text("late_after_days")),
    };
    await create.run(async () => onMade((await api.post<Source>("/reconciliation/sources", body)).id));
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        placeholder="Stripe, IDR"
        error={messageFor("name")}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Whose statement" value={kind} onChange={(event) => setKind(event.target.value)}>
          <option value="provider">A provider's</option>
          <option value="bank">A bank's</option>
        </SelectField>
        <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
          {allCurrencies().map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
      </div>
      <SelectField label="Money of" name="connection" error={messageFor("connection_id")}>
        {connections.map((connection) => (
          <option key={connection.id} value={connection.id}>
            {connection.name}
          </option>
        ))}
      </SelectField>
      {kind === "bank" && (
        <TextField
          label="Bank account in the books"
          name="bank"
          required
          maxLength={40}
          pattern="[a-z0-9]+(-[a-z0-9]+)*"
          hint="Small letters, digits and hyphens: nusantara is asset:bank:nusantara"
          error={messageFor("bank")}
        />
      )}
      <StatementFields hasCsv={hasCsv} onCsv={setHasCsv} messageFor={messageFor} />
      <Rules currency={currency} onTolerance={setTolerance} problem={create.problem} />
      {create.problem && <ErrorState problem={create.problem} />}
      <Button kind="primary" type="submit" busy={create.busy} className="w-full">
        Make the source
      </Button>
    </form>
  );
}
