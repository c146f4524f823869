"use client";

import { type FormEvent, type ReactNode, useId, useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Item, Line, Source } from "./contract";

type Chosen = { lines: Set<string>; items: Set<string> };
const NOTHING: Chosen = { lines: new Set(), items: new Set() };

/** Open items of the books beside open lines of statements; what is ticked on both sides is matched by hand. */
export function OpenWork({ source, mayRun }: { source: Source; mayRun: boolean }) {
  const path = `/reconciliation/sources/${source.id}`;
  const lines = useList<Line>(`${path}/lines`);
  const items = useList<Item>(`${path}/items`);
  const [chosen, setChosen] = useState<Chosen>(NOTHING);
  const [open, setOpen] = useState(false);
  const sum = (rows: { amount: { amount: number } }[]) => rows.reduce((total, row) => total + row.amount.amount, 0);
  const ours = lines.rows.filter((row) => chosen.lines.has(row.id));
  const theirs = items.rows.filter((row) => chosen.items.has(row.entry_id));
  const difference = { amount: sum(theirs) - sum(ours), currency: source.currency };
  const error = lines.error ?? items.error;
  if (error) return <ErrorState problem={error} onRetry={() => items.refetch()} />;
  return (
    <Sheet
      title="Open"
      actions={
        mayRun && (
          <Button disabled={ours.length + theirs.length === 0} onClick={() => setOpen(true)}>
            Match what is ticked
          </Button>
        )
      }
    >
      <div className="grid gap-6 lg:grid-cols-2">
        <Column title="In the books, not confirmed" isLoading={items.isLoading} isEmpty={items.rows.length === 0}>
          {items.rows.map((row) => (
            <Tick
              key={row.entry_id}
              title={row.title}
              note={`${row.day}${row.batch && ` · ${row.batch}`}`}
              amount={row.amount}
              ticked={chosen.items.has(row.entry_id)}
              onTick={mayRun ? () => setChosen({ ...chosen, items: toggled(chosen.items, row.entry_id) }) : undefined}
            />
          ))}
        </Column>
        <Column
          title="In the statement, not in the books"
          isLoading={lines.isLoading}
          isEmpty={lines.rows.length === 0}
        >
          {lines.rows.map((row) => (
            <Tick
              key={row.id}
              title={row.reference || row.text || "Without a reference"}
              note={`${row.booked_on} · line ${row.number}`}
              amount={row.amount}
              ticked={chosen.lines.has(row.id)}
              onTick={mayRun ? () => setChosen({ ...chosen, lines: toggled(chosen.lines, row.id) }) : undefined}
            />
          ))}
        </Column>
      </div>
      <Dialog open={open} onOpenChange={setOpen} title="Match by hand" description="The money moves on at once.">
        <MatchForm
          path={path}
          lines={ours.map((row) => row.id)}
          items={theirs.map((row) => row.entry_id)}
          difference={difference}
          onDone={() => {
            setChosen(NOTHING);
            setOpen(false);
          }}
        />
      </Dialog>
    </Sheet>
  );
}

function Column(props: { title: string; isLoading: boolean; isEmpty: boolean; children: ReactNode }) {
  if (props.isLoading) return <Skeleton lines={4} />;
  return (
    <section aria-label={props.title} className="min-w-0">
      <h3 className="mb-2 font-medium text-sm">{props.title}</h3>
      {props.isEmpty ? (
        <EmptyState title="Nothing is open" why="What a statement and the books agree on is under Matched." />
      ) : (
        <ul className="divide-y divide-rule rounded-md border border-rule">{props.children}</ul>
      )}
    </section>
  );
}

type TickProps = { title: string; note: string; amount: Item["amount"]; ticked: boolean; onTick?: () => void };

function Tick({ title, note, amount, ticked, onTick }: TickProps) {
  const id = useId();
  return (
    <li className="flex min-h-11 items-center gap-3 px-3 py-2">
      {onTick && <input id={id} type="checkbox" checked={ticked} onChange={onTick} />}
      <label htmlFor={id} className="min-w-0 flex-1">
        <span className="block [overflow-wrap:anywhere]">{title}</span>
        <span className="block text-soft text-xs">{note}</span>
      </label>
      <Money value={amount} signed />
    </li>
  );
}

type MatchProps = {
  path: string;
  lines: string[];
  items: string[];
  difference: Item["amount"];
  onDone: () => void;
};

function MatchForm({ path, lines, items, difference, onDone }: MatchProps) {
  const act = useAction();
  const [key] = useState(() => crypto.randomUUID());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const account = String(form.get("account") ?? "").trim();
    const body = {
      line_ids: lines,
      entry_ids: items,
      note: String(form.get("note")),
      difference_account_id: account || null,
    };
    if (await act.run(() => api.post(`${path}/matches`, body, { idempotencyKey: key }))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <p>
        {lines.length} from the statement, {items.length} from the books, difference <Money value={difference} signed />
      </p>
      {difference.amount !== 0 && (
        <TextField
          label="Account that takes the difference"
          hint="The account's id, as acct_…; empty when the source's tolerance covers it"
          name="account"
          error={act.problem?.messageFor("difference_account_id")}
        />
      )}
      <TextField label="Note" name="note" maxLength={500} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        {lines.length > 0 && items.length > 0 ? "Match" : "Write off"}
      </Button>
    </form>
  );
}

function toggled(chosen: Set<string>, id: string): Set<string> {
  const changed = new Set(chosen);
  if (!changed.delete(id)) changed.add(id);
  return changed;
}
