"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { shortId } from "@/ui/id";
import { JsonView } from "@/ui/json-view";
import { Link } from "@/ui/link";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";

type Exception = Schemas["ExceptionOut"];

const DEFAULTS = { open: "true" };

/** Payments that do not fit, such as money for a cancelled one: each waits for a person. */
export function ExceptionsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const [chosen, setChosen] = useState<Exception | null>(null);
  const list = useList<Exception>("/payment-exceptions", { open: view.open });
  return (
    <>
      <PageHeader title="Payment exceptions" note="What does not fit, and waits for a person" />
      <div className="no-print mb-4">
        <Chips
          label="Which"
          value={view.open}
          onChange={(open) => change({ open })}
          options={[
            ["true", "Open"],
            ["false", "All"],
          ]}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="exceptions"
          caption="Payment exceptions, the newest first"
          columns={columns(setChosen)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={(row) => `/payments/view/?id=${row.payment_id}`}
          empty={
            <EmptyState
              title="Nothing waits"
              why="Money that came too late, twice or in another amount is kept safe and shown here."
              example="Late payment · pay_01m7y5… · open for 3 hours"
            />
          }
        />
      </Sheet>
      <Dialog
        open={chosen !== null}
        onOpenChange={(open) => !open && setChosen(null)}
        title={chosen ? stateWord(chosen.kind) : ""}
      >
        {chosen && <ExceptionView exception={chosen} onDone={() => setChosen(null)} />}
      </Dialog>
    </>
  );
}

function columns(onOpen: (row: Exception) => void): Column<Exception>[] {
  return [
    {
      key: "kind",
      header: "What",
      file: (row) => row.kind,
      cell: (row) => (
        <button type="button" onClick={() => onOpen(row)} className="font-medium hover:underline">
          {stateWord(row.kind)}
        </button>
      ),
    },
    {
      key: "payment",
      header: "Payment",
      file: (row) => row.payment_id,
      cell: (row) => (
        <Link
          href={`/payments/view/?id=${row.payment_id}`}
          title={row.payment_id}
          className="font-mono text-xs underline underline-offset-4"
        >
          {shortId(row.payment_id)}
        </Link>
      ),
    },
    {
      key: "state",
      header: "State",
      file: (row) => (row.closed_at ? "closed" : "open"),
      cell: (row) => <State state={row.closed_at ? "closed" : "needs_review"} />,
    },
    { key: "opened", header: "Since", file: (row) => row.opened_at, cell: (row) => <When at={row.opened_at} beside /> },
    { key: "note", header: "Note", file: (row) => row.note, cell: (row) => row.note ?? "—" },
  ];
}

function ExceptionView({ exception, onDone }: { exception: Exception; onDone: () => void }) {
  const close = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const note = String(new FormData(event.currentTarget).get("note"));
    if (await close.run(() => api.post(`/payment-exceptions/${exception.id}/close`, { note }))) onDone();
  }

  return (
    <div className="space-y-4">
      <JsonView value={exception.facts} label="Facts" />
      {exception.closed_at && (
        <p>
          Closed <When at={exception.closed_at} />: {exception.note}
        </p>
      )}
      {!exception.closed_at && (
        <form onSubmit={submit} className="space-y-4">
          <TextField
            label="What was done about it"
            name="note"
            required
            hint="Closing moves no money; it says that a person has seen to it"
            error={close.problem?.messageFor("note")}
          />
          {close.problem && <ErrorState problem={close.problem} />}
          <Button kind="primary" type="submit" busy={close.busy} className="w-full">
            Close the exception
          </Button>
        </form>
      )}
    </div>
  );
}
