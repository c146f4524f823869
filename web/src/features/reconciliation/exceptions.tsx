"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { Wrapped } from "@/ui/wrapped";
import type { Exception, Source } from "./contract";

const WORDS: Record<string, string> = {
  unknown_line: "Unknown line",
  missing_in_statement: "Missing in the statement",
  amount_differs: "Amount differs",
  doubled_line: "Doubled line",
  balance_differs: "Balance differs",
  money_overdue: "Money overdue",
};

/** What did not match, each with its age, its owner and a note. */
export function Exceptions({ source, mayRun }: { source: Source; mayRun: boolean }) {
  const list = useList<Exception>("/reconciliation/exceptions", { source_id: source.id });
  return (
    <Sheet title="Exceptions" flush>
      <DataTable
        name="reconciliation-exceptions"
        caption="What did not match, the newest first"
        columns={mayRun ? [...COLUMNS, ACTIONS] : COLUMNS}
        list={list}
        rowKey={(row) => row.id}
        empty={
          <EmptyState title="No exceptions" why="Lines and items that do not fit are listed here with their age." />
        }
      />
    </Sheet>
  );
}

const COLUMNS: Column<Exception>[] = [
  {
    key: "kind",
    header: "What",
    file: (row) => row.kind,
    cell: (row) => <State state={row.kind} tone="failed" word={WORDS[row.kind]} />,
  },
  {
    key: "about",
    header: "About",
    file: (row) => row.about,
    cell: (row) => <Wrapped>{row.about}</Wrapped>,
  },
  {
    key: "amount",
    header: "Amount",
    align: "right",
    file: (row) => row.amount,
    cell: (row) => <Money value={row.amount} />,
  },
  {
    key: "expected",
    header: "In the books",
    align: "right",
    file: (row) => row.expected,
    cell: (row) => (row.expected ? <Money value={row.expected} /> : "–"),
  },
  { key: "age", header: "Open since", file: (row) => row.opened_at, cell: (row) => <When at={row.opened_at} /> },
  {
    key: "owner",
    header: "Owner and note",
    file: (row) => row.owner,
    cell: (row) => (
      <span className="[overflow-wrap:anywhere]">
        {row.owner ? "Taken" : "Nobody"}
        {row.note && <span className="block text-soft">{row.note}</span>}
      </span>
    ),
  },
];

const ACTIONS: Column<Exception> = {
  key: "actions",
  header: "Actions",
  align: "right",
  cell: (row) => <Actions row={row} />,
};

function Actions({ row }: { row: Exception }) {
  const [shown, setShown] = useState<"care" | "dismiss" | null>(null);
  return (
    <span className="inline-flex flex-wrap justify-end gap-1">
      <Button onClick={() => setShown("care")}>{row.owner ? "Note" : "Take"}</Button>
      {row.kind === "doubled_line" && <Button onClick={() => setShown("dismiss")}>Set aside</Button>}
      <Dialog
        open={shown !== null}
        onOpenChange={() => setShown(null)}
        title={shown === "dismiss" ? "Set the doubled line aside" : "Look after this"}
        description={row.about}
      >
        {shown && <CareForm row={row} dismisses={shown === "dismiss"} onDone={() => setShown(null)} />}
      </Dialog>
    </span>
  );
}

function CareForm({ row, dismisses, onDone }: { row: Exception; dismisses: boolean; onDone: () => void }) {
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("text")).trim();
    const path = `/reconciliation/exceptions/${row.id}`;
    const send = () =>
      dismisses ? api.post(`${path}/dismiss`, { reason: text }) : api.patch(path, { owner: "me", note: text });
    if (await act.run(send)) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label={dismisses ? "Reason" : "Note"}
        name="text"
        defaultValue={dismisses ? "" : row.note}
        minLength={dismisses ? 3 : 0}
        maxLength={500}
        required={dismisses}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        {dismisses ? "Set aside" : "I look after it"}
      </Button>
    </form>
  );
}
