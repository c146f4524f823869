"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { useStored } from "@/ui/stored";
import { monthBefore, type Statement, type StatementRow, statementHref } from "./contract";

const COLUMNS: Column<StatementRow>[] = [
  {
    key: "number",
    header: "Number",
    file: (row) => String(row.number),
    cell: (row) => <span className="font-medium">{`Statement ${row.number}`}</span>,
  },
  {
    key: "period",
    header: "Period",
    file: (row) => `${row.from_day}/${row.through_day}`,
    cell: (row) =>
      `${formatPlainDay(row.from_day, readerLocale())} – ${formatPlainDay(row.through_day, readerLocale())}`,
  },
  {
    key: "opening",
    header: "Opening",
    file: (row) => row.opening,
    align: "right",
    cell: (row) => <Money value={row.opening} href={statementHref(row)} />,
  },
  {
    key: "closing",
    header: "Closing",
    file: (row) => row.closing,
    align: "right",
    cell: (row) => <Money value={row.closing} href={statementHref(row)} className="font-medium" />,
  },
];

/** Numbered statements of periods that are over. */
export function StatementsPage() {
  const can = useCan();
  const list = useList<StatementRow>("/statements");
  return (
    <>
      <PageHeader
        title="Statements"
        note="Wallets, purchases, installments and cashback of a period; numbered, and never changed afterwards"
        actions={can("statements:write") && <NewStatement />}
      />
      <Sheet flush>
        <DataTable
          name="statements"
          caption="Statements, the newest first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          rowHref={statementHref}
          empty={
            <EmptyState
              title="No statements yet"
              why="Make one for any period that is over. What is recorded later shows in the next one."
              example="Statement 12 · 1 Oct 2026 – 31 Oct 2026 · IDR 1,250,000.00"
            />
          }
        />
      </Sheet>
    </>
  );
}

function NewStatement() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        Make a statement
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="Make a statement">
        {open && <Fields />}
      </Dialog>
    </>
  );
}

function Fields() {
  const router = useRouter();
  const act = useAction();
  const { party_id: own } = useSession();
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const parties = useList<Schemas["PartyOut"]>("/parties", { limit: 100 }, own === null);
  const [from, through] = monthBefore(new Date());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const party = form.get("party_id");
    const body = {
      ...(party && { party_id: String(party) }),
      currency,
      from_day: String(form.get("from_day")),
      through_day: String(form.get("through_day")),
    };
    await act.run(async () => router.push(statementHref(await api.post<Statement>("/statements", body))));
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      {own === null && (
        <SelectField label="Whose" name="party_id" required>
          {parties.rows.map((row) => (
            <option key={row.id} value={row.id}>
              {row.name}
            </option>
          ))}
        </SelectField>
      )}
      <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
        {allCurrencies().map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
      <TextField label="From" name="from_day" type="date" defaultValue={from} required />
      <TextField
        label="Through"
        name="through_day"
        type="date"
        defaultValue={through}
        required
        error={act.problem?.messageFor("through")}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Make it
      </Button>
    </form>
  );
}
