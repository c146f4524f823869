"use client";

import { Undo2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { ReasonField } from "@/ui/reason-field";
import { Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Match, Source } from "./contract";

/** What was found to be the same money, and the way back. */
export function Matched({ source, mayRun }: { source: Source; mayRun: boolean }) {
  const list = useList<Match>(`/reconciliation/sources/${source.id}/matches`);
  return (
    <Sheet title="Matched" flush>
      <DataTable
        name="reconciliation-matches"
        caption="Matches, the newest first"
        columns={mayRun ? [...COLUMNS, ACTIONS] : COLUMNS}
        list={list}
        rowKey={(row) => row.id}
        empty={<EmptyState title="Nothing is matched yet" why="Import a statement to see what it confirms." />}
      />
    </Sheet>
  );
}

const COLUMNS: Column<Match>[] = [
  {
    key: "rule",
    header: "By",
    file: (row) => row.rule,
    cell: (row) =>
      row.reopened_at ? (
        <State state="reversed" word="Taken back" />
      ) : (
        <State state="settled" word={stateWord(row.rule)} />
      ),
  },
  {
    key: "lines",
    header: "Statement",
    align: "right",
    file: (row) => row.lines,
    cell: (row) => <Money value={row.lines} />,
  },
  {
    key: "items",
    header: "Books",
    align: "right",
    file: (row) => row.items,
    cell: (row) => <Money value={row.items} />,
  },
  {
    key: "difference",
    header: "Difference",
    align: "right",
    file: (row) => row.difference,
    cell: (row) => (row.difference.amount === 0 ? "–" : <Money value={row.difference} signed />),
  },
  {
    key: "entry",
    header: "Entry",
    file: (row) => row.entry_id,
    cell: (row) => (row.entry_id ? <Id value={row.entry_id} /> : "–"),
  },
  { key: "at", header: "When", file: (row) => row.made_at, cell: (row) => <When at={row.made_at} /> },
];

const ACTIONS: Column<Match> = {
  key: "actions",
  header: "Actions",
  align: "right",
  cell: (row) => (row.reopened_at ? null : <ReopenButton row={row} />),
};

function ReopenButton({ row }: { row: Match }) {
  const [open, setOpen] = useState(false);
  const act = useAction();
  const [key] = useState(() => crypto.randomUUID());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    const send = () => api.post(`/reconciliation/matches/${row.id}/reopen`, { reason }, { idempotencyKey: key });
    if (await act.run(send)) setOpen(false);
  }

  return (
    <>
      <Button icon={<Undo2 size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Reopen
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Take the match back"
        description="Its entry is reversed; its lines and items are open again."
      >
        <form onSubmit={submit} className="space-y-4">
          <ReasonField problem={act.problem} />
          {act.problem && <ErrorState problem={act.problem} />}
          <Button kind="danger" type="submit" busy={act.busy} className="w-full">
            Reopen
          </Button>
        </form>
      </Dialog>
    </>
  );
}
