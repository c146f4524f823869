"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import type { Source } from "./contract";
import { csvIn } from "./csv-fields";
import { Rules } from "./source-rules";
import { StatementFields } from "./statement-fields";

/** How the statements of a source are read and matched from now on: files change, and so do agreements. */
export function ChangeSource({ source }: { source: Source }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Pencil size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Change the source
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Change ${source.name}`}
        description="It holds for the statements that come from now on. What has been matched stays."
      >
        <ChangeForm source={source} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ChangeForm({ source, onDone }: { source: Source; onDone: () => void }) {
  const queries = useQueryClient();
  const change = useAction();
  const [tolerance, setTolerance] = useState<number | null>(source.tolerance.amount);
  const [hasCsv, setHasCsv] = useState(source.has_csv);
  const messageFor = (name: string) => change.problem?.messageFor(name) ?? null;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const body = {
      name: text("name"),
      statement_account: text("statement_account"),
      csv: hasCsv ? csvIn(form) : null,
      tolerance: tolerance ?? 0,
      window_days: Number(text("window_days")),
      late_after_days: Number(text("late_after_days")),
    };
    await change.run(async () => {
      await api.patch(`/reconciliation/sources/${encodeURIComponent(source.id)}`, body);
      await queries.invalidateQueries({ queryKey: ["/reconciliation/sources"] });
      onDone();
    });
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        defaultValue={source.name}
        error={messageFor("name")}
      />
      <StatementFields known={source} hasCsv={hasCsv} onCsv={setHasCsv} messageFor={messageFor} />
      <Rules currency={source.currency} onTolerance={setTolerance} problem={change.problem} known={source} />
      {change.problem && <ErrorState problem={change.problem} />}
      <Button kind="primary" type="submit" busy={change.busy} className="w-full">
        Keep the changes
      </Button>
    </form>
  );
}
