import { type Amount, toDecimal } from "@/lib/money";

/** What a column says in a file. Money becomes two cells: the exact decimal, and the currency. */
export type FileValue = string | number | boolean | Amount | null | undefined;

export type FileColumn<Row> = { header: string; file?: (row: Row) => FileValue };

// A spreadsheet runs a text that begins like this, and what is exported here was written by strangers.
const FORMULA = /^[=+\-@\t\r]/;

/**
 * The rows as CSV (RFC 4180), with the columns that have something to say in a file, in their order. `currencyOf` names
 * the column that follows one of amounts.
 */
export function csvOf<Row>(columns: FileColumn<Row>[], rows: Row[], currencyOf: (header: string) => string): string {
  const told = columns.flatMap(({ header, file }) => {
    if (!file) return [];
    const values = rows.map(file);
    return values.some(isAmount)
      ? [
          [header, ...values.map(decimal)],
          [currencyOf(header), ...values.map(code)],
        ]
      : [[header, ...values]];
  });
  return [...Array(rows.length + 1).keys()]
    .map((line) => `${told.map((column) => quoted(column[line])).join(",")}\r\n`)
    .join("");
}

/** Hands a text to the browser as a file to keep. */
export function saveFile(name: string, text: string, type = "text/csv;charset=utf-8"): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function isAmount(value: FileValue): value is Amount {
  return typeof value === "object" && value !== null;
}

function decimal(value: FileValue): number | string | undefined {
  // As a number of text: spreadsheets read it, and no floating point comes between.
  return isAmount(value) ? toDecimal(value) : undefined;
}

function code(value: FileValue): string | undefined {
  return isAmount(value) ? value.currency : undefined;
}

function quoted(value: FileValue): string {
  if (value === null || value === undefined) return "";
  const isNumber = typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
  const text = String(value);
  const safe = !isNumber && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
