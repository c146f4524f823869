"use client";

import { useState } from "react";
import type { Schemas } from "@/client/schemas";
import { SelectField, TextField } from "@/ui/field";

type Column = [name: string, label: string, hint?: string];

const AMOUNT: Column[] = [["amount", "Amount", "One signed column"]];
const SIDES: Column[] = [
  ["credit", "Money in"],
  ["debit", "Money out"],
];
const OTHERS: Column[] = [
  ["fee", "Fee", "Taken off the amount"],
  ["balance", "Balance", "Each line's is checked against the one before"],
  ["reference", "Reference", "Yours, by which lines are matched"],
  ["batch", "Settlement", "What many lines were paid out in"],
  ["key", "Line's own id", "A line that comes twice is known by it"],
  ["text", "Text"],
  ["currency", "Currency"],
  ["account", "Account number"],
];
const COLUMNS = ["date", "amount", "credit", "debit", ...OTHERS.map(([name]) => name)];
const SETTINGS = ["delimiter", "decimal", "date_format", "encoding"];

/** The columns of a CSV statement as typed; what is empty is left to the default. */
export function csvIn(form: FormData): Record<string, string> {
  const read = (name: string) => String(form.get(`csv_${name}`) ?? "");
  const columns = COLUMNS.map((name): [string, string] => [name, read(name).trim()]);
  // A tab is a choice, too, so these are not trimmed.
  const settings = SETTINGS.map((name): [string, string] => [name, read(name)]);
  return Object.fromEntries([...columns, ...settings].filter(([, value]) => value !== ""));
}

type Props = { messageFor: (name: string) => string | null; known?: Schemas["CsvOut"] | null };

/** Which column of a CSV file holds what: the names of its first line. */
export function CsvFields({ messageFor, known }: Props) {
  const [signed, setSigned] = useState(known?.credit ? "sides" : "amount");
  const columns: Record<string, string> = known ?? {};
  const field = ([name, label, hint]: Column, required = false) => (
    <TextField
      key={name}
      label={label}
      name={`csv_${name}`}
      required={required}
      maxLength={100}
      defaultValue={columns[name]}
      hint={hint}
      error={messageFor(`csv.${name}`)}
    />
  );
  return (
    <fieldset className="space-y-4 rounded-md border border-rule p-4">
      <legend className="px-1 font-medium text-sm">Columns, by the names in the file's first line</legend>
      <div className="grid gap-4 sm:grid-cols-2">
        {field(["date", "Date"], true)}
        <SelectField label="Amounts are in" value={signed} onChange={(event) => setSigned(event.target.value)}>
          <option value="amount">One column with a sign</option>
          <option value="sides">Two columns, in and out</option>
        </SelectField>
        {(signed === "amount" ? AMOUNT : SIDES).map((column) => field(column, true))}
      </div>
      <details>
        <summary className="text-accent text-sm underline underline-offset-4">More columns</summary>
        <div className="mt-4 grid gap-4 sm:grid-cols-2">{OTHERS.map((column) => field(column))}</div>
      </details>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Separated by" name="csv_delimiter" defaultValue={columns.delimiter}>
          <option value=",">Comma</option>
          <option value=";">Semicolon</option>
          <option value={"\t"}>Tab</option>
          <option value="|">Bar</option>
        </SelectField>
        <SelectField label="Decimals after" name="csv_decimal" defaultValue={columns.decimal}>
          <option value=".">Point: 1,234.56</option>
          <option value=",">Comma: 1.234,56</option>
        </SelectField>
        <SelectField label="Dates are written" name="csv_date_format" defaultValue={columns.date_format}>
          <option value="%Y-%m-%d">2026-11-21</option>
          <option value="%d/%m/%Y">21/11/2026</option>
          <option value="%m/%d/%Y">11/21/2026</option>
          <option value="%d.%m.%Y">21.11.2026</option>
          <option value="%Y%m%d">20261121</option>
        </SelectField>
        <SelectField label="Encoding" name="csv_encoding" defaultValue={columns.encoding}>
          <option value="utf-8">UTF-8</option>
          <option value="windows-1252">Windows 1252</option>
          <option value="utf-16">UTF-16</option>
        </SelectField>
      </div>
    </fieldset>
  );
}
