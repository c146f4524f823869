"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Actor } from "@/features/names/names";
import { businessDay, formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button, DownloadLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Field, TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { useZone } from "@/ui/zone";
import { importHref, type OpeningDetail, type OpeningImport, stateOf } from "./contract";
import { JudgedLines, Totals } from "./judged";
import { LineFields } from "./line-fields";
import { emptyLine, fileOf, isBegun } from "./typed-lines";

const PATH = "/opening-imports";
const WAYS: [string, string][] = [
  ["file", "From a file"],
  ["typed", "Type them"],
];

/** Brings in what a business had in the system it used before: the day, the lines, a look, and then all of it. */
export function OpeningPage() {
  const can = useCan();
  if (!can("ledger:post")) {
    return <EmptyState title="Not for your role" why="Opening balances are brought in by finance." />;
  }
  return (
    <div className="mx-auto max-w-[960px]">
      <PageHeader
        title="Opening balances"
        note="What you had in the system you used before. All of it is posted, or nothing is."
        actions={<DownloadLink href="/opening-balances.csv">Template</DownloadLink>}
      />
      <div className="space-y-6">
        <Guide />
        <Imports />
      </div>
    </div>
  );
}

function Guide() {
  const router = useRouter();
  const today = businessDay(new Date().toISOString(), useZone());
  const act = useAction();
  const send = useKeyedPost();
  const [day, setDay] = useState("");
  const [way, setWay] = useState("file");
  const [chosen, setChosen] = useState<File | null>(null);
  const [lines, setLines] = useState(() => [emptyLine()]);
  const [preview, setPreview] = useState<OpeningDetail | null>(null);
  const file = way === "file" ? chosen : typedFile(lines);

  /** What was shown is not what would be posted any more. */
  function changed() {
    setPreview(null);
    act.forget();
  }

  function look(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!file) return;
    const query = { dry_run: true };
    void act.run(async () => setPreview(await api.post<OpeningDetail>(PATH, formOf(file, day), { query })));
  }

  async function post() {
    if (!file) return;
    // A form with a file says nothing as text.
    const asked = [day, file.name, await file.text()];
    let made: OpeningDetail | undefined;
    const done = await act.run(async () => {
      made = await send<OpeningDetail>(PATH, formOf(file, day), asked);
    });
    if (done && made?.id) router.push(importHref(made.id));
  }

  return (
    <form onSubmit={look} className="space-y-6">
      <Sheet title="1 · The day">
        <div className="max-w-xs">
          <TextField
            label="Cut-over date"
            name="cut_over_on"
            type="date"
            max={today}
            required
            value={day}
            hint="The first day you keep your books here. The figures are those at its beginning."
            error={act.problem?.messageFor("cut_over_on")}
            onChange={(event) => {
              setDay(event.target.value);
              changed();
            }}
          />
        </div>
      </Sheet>
      <Sheet title="2 · What you had">
        <div className="space-y-4" onChange={changed}>
          <Chips
            label="How"
            options={WAYS}
            value={way}
            onChange={(next) => {
              setWay(next);
              changed();
            }}
          />
          {way === "file" ? (
            <FileField error={act.problem?.messageFor("file")} onChoose={setChosen} />
          ) : (
            <LineFields lines={lines} onChange={setLines} />
          )}
        </div>
      </Sheet>
      {act.problem && <ErrorState problem={act.problem} />}
      {preview?.refused !== 0 && (
        <Button kind="primary" type="submit" busy={act.busy} disabled={!file || !day}>
          {preview ? "Look again" : "Look at it first"}
        </Button>
      )}
      {preview && <Preview found={preview} isTyped={way === "typed"} busy={act.busy} onPost={post} />}
    </form>
  );
}

function typedFile(lines: Parameters<typeof fileOf>[0]): File | null {
  if (!lines.some(isBegun)) return null;
  return new File([fileOf(lines, readerLocale())], "typed-lines.csv", { type: "text/csv" });
}

function formOf(file: File, day: string): FormData {
  const form = new FormData();
  form.set("file", file);
  form.set("cut_over_on", day);
  return form;
}

type FileFieldProps = { error?: string | null; onChoose: (file: File | null) => void };

function FileField({ error, onChoose }: FileFieldProps) {
  return (
    <Field
      label="File"
      hint="CSV or XLSX of at most 6,000 lines: accounts, purses, stock, open invoices and bills. The template shows each."
      error={error}
    >
      {(wiring) => (
        <input
          {...wiring}
          type="file"
          accept=".csv,.txt,.xlsx"
          onChange={(event) => onChoose(event.target.files?.[0] ?? null)}
        />
      )}
    </Field>
  );
}

type PreviewProps = { found: OpeningDetail; isTyped: boolean; busy: boolean; onPost: () => void };

function Preview({ found, isTyped, busy, onPost }: PreviewProps) {
  const count = found.lines.length;
  return (
    <Sheet title="3 · What would happen" flush>
      <p className="px-4 py-3" role="status">
        <span className="font-medium">Nothing has been posted yet.</span>{" "}
        {found.refused > 0
          ? `${found.refused} of ${count} lines cannot be brought in; correct them and look again.`
          : `All ${count} lines fit. What they leave over, opening equity, is the business's own.`}
      </p>
      {found.totals.length > 0 && <Totals totals={found.totals} />}
      <div className="border-rule border-t">
        <JudgedLines found={found} isTyped={isTyped} />
      </div>
      {found.refused === 0 && (
        <div className="flex flex-wrap items-center justify-between gap-3 border-rule border-t px-4 py-3">
          <p className="text-soft">
            {found.needs_approval && "This is above your line: somebody else says yes first."}
          </p>
          <Button kind="primary" busy={busy} onClick={onPost}>
            {found.needs_approval ? "Ask for approval" : `Post ${count} ${count === 1 ? "line" : "lines"}`}
          </Button>
        </div>
      )}
    </Sheet>
  );
}

const COLUMNS: Column<OpeningImport>[] = [
  {
    key: "name",
    header: "File",
    cell: (row) => (
      <Link href={importHref(row.id)} className="underline underline-offset-4">
        {row.name}
      </Link>
    ),
  },
  { key: "day", header: "Cut-over date", cell: (row) => formatPlainDay(row.cut_over_on, readerLocale()) },
  { key: "state", header: "State", cell: (row) => <State state={stateOf(row)} /> },
  { key: "by", header: "By", cell: (row) => <Actor value={row.created_by} /> },
  { key: "at", header: "Brought in", cell: (row) => <When at={row.created_at} /> },
];

function Imports() {
  const list = useList<OpeningImport>(PATH);
  return (
    <Sheet title="Brought in so far" flush>
      <DataTable
        name="opening-imports"
        caption="Opening positions brought in"
        columns={COLUMNS}
        list={list}
        rowKey={(row) => row.id}
        rowHref={(row) => importHref(row.id)}
        empty={
          <EmptyState
            title="Nothing yet"
            why="Each file that is posted, or waits for a second person, is listed here with the entry of every line."
            example="old-books.csv · 1 Jan 2026 · 42 lines"
          />
        }
      />
    </Sheet>
  );
}
