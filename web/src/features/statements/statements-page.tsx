"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { formatPlainDay } from "@/lib/dates";
import { allCurrencies } from "@/lib/money";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
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

function columns(t: Say<"statements">, format: string): Column<StatementRow>[] {
  return [
    {
      key: "number",
      header: t("number"),
      file: (row) => String(row.number),
      cell: (row) => <span className="font-medium">{t("statement", { number: String(row.number) })}</span>,
    },
    {
      key: "period",
      header: t("period"),
      file: (row) => `${row.from_day}/${row.through_day}`,
      cell: (row) => `${formatPlainDay(row.from_day, format)} – ${formatPlainDay(row.through_day, format)}`,
    },
    {
      key: "opening",
      header: t("opening"),
      file: (row) => row.opening,
      align: "right",
      cell: (row) => <Money value={row.opening} href={statementHref(row)} />,
    },
    {
      key: "closing",
      header: t("closing"),
      file: (row) => row.closing,
      align: "right",
      cell: (row) => <Money value={row.closing} href={statementHref(row)} className="font-medium" />,
    },
  ];
}

/** Numbered statements of periods that are over. */
export function StatementsPage() {
  const t = useTranslations("statements");
  const can = useCan();
  const format = useFormat();
  const list = useList<StatementRow>("/statements");
  return (
    <>
      <PageHeader title={t("title")} note={t("note")} actions={can("statements:write") && <NewStatement />} />
      <Sheet flush>
        <DataTable
          name="statements"
          caption={t("caption")}
          columns={columns(t, format)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={statementHref}
          empty={<EmptyState title={t("none")} why={t("noneWhy")} example={t("noneExample")} />}
        />
      </Sheet>
    </>
  );
}

function NewStatement() {
  const t = useTranslations("statements");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        {t("make")}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t("make")}>
        {open && <Fields />}
      </Dialog>
    </>
  );
}

function Fields() {
  const t = useTranslations("statements");
  const router = useRouter();
  const act = useAction();
  const { party_id: own } = useSession();
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
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
        <PartyPicker label={t("whose")} name="party_id" required error={act.problem?.messageFor("party_id")} />
      )}
      <SelectField label={t("currency")} value={currency} onChange={(event) => setCurrency(event.target.value)}>
        {allCurrencies().map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
      <TextField label={t("from")} name="from_day" type="date" defaultValue={from} required />
      <TextField
        label={t("through")}
        name="through_day"
        type="date"
        defaultValue={through}
        required
        error={act.problem?.messageFor("through")}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        {t("makeIt")}
      </Button>
    </form>
  );
}
