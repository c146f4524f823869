import { plainNumber } from "@/lib/money";

export type Kind = "account" | "wallet" | "stock" | "invoice" | "bill";
export type TypedLine = { key: number; kind: Kind; cells: Record<string, string> };
type FieldOf = { column: string; label: string; placeholder: string; isNumber?: true; isDay?: true };

export const KINDS: [Kind, string][] = [
  ["account", "Account"],
  ["wallet", "Purse"],
  ["stock", "Stock"],
  ["invoice", "Open invoice"],
  ["bill", "Open bill"],
];

const MONEY: FieldOf[] = [
  { column: "currency", label: "Currency", placeholder: "IDR" },
  { column: "amount", label: "Amount", placeholder: "Amount", isNumber: true },
];

const document = (party: string): FieldOf[] => [
  { column: "party", label: party, placeholder: "E-mail, phone or id" },
  { column: "number", label: "Number", placeholder: "Its old number" },
  { column: "currency", label: "Currency", placeholder: "IDR" },
  { column: "amount", label: "Open amount", placeholder: "Open amount", isNumber: true },
  { column: "issued_on", label: "Issued", placeholder: "", isDay: true },
  { column: "due_on", label: "Due", placeholder: "", isDay: true },
  { column: "total", label: "Total", placeholder: "Total", isNumber: true },
  { column: "note", label: "Note", placeholder: "Note" },
];

/** What a line of each kind says, column by column of the file. */
export const FIELDS: Record<Kind, FieldOf[]> = {
  account: [
    { column: "account", label: "Account", placeholder: "asset:bank:main" },
    { column: "name", label: "Name", placeholder: "Name, if it is new" },
    ...MONEY,
  ],
  wallet: [
    { column: "party", label: "Customer or supplier", placeholder: "E-mail, phone or id" },
    { column: "purse", label: "Purse", placeholder: "main" },
    ...MONEY,
  ],
  stock: [
    { column: "product", label: "Product", placeholder: "SKU" },
    { column: "warehouse", label: "Warehouse", placeholder: "MAIN" },
    { column: "quantity", label: "Quantity", placeholder: "Quantity", isNumber: true },
    { column: "unit_cost", label: "Cost of one", placeholder: "Cost of one", isNumber: true },
  ],
  invoice: document("Customer"),
  bill: document("Supplier"),
};

const COLUMNS = ["kind", "type", ...new Set(Object.values(FIELDS).flatMap((all) => all.map(({ column }) => column)))];

let last = 0;

/** A line of a kind that says nothing yet, in the currency of the one before. */
export function emptyLine(before?: TypedLine): TypedLine {
  last += 1;
  const { kind = "account", cells } = before ?? {};
  return { key: last, kind, cells: { currency: cells?.currency ?? "IDR", warehouse: cells?.warehouse ?? "" } };
}

/** Whether somebody has begun to say something in a line. */
export function isBegun(line: TypedLine): boolean {
  const own = FIELDS[line.kind].filter(({ column }) => column !== "currency" && column !== "warehouse");
  return own.some(({ column }) => line.cells[column]?.trim());
}

/**
 * Typed lines as the file that is sent in: there is one way in, whoever wrote the lines. One that is not begun is an
 * empty row, which is not read and keeps the numbers of the others: line 1 is row 2, below the names.
 */
export function fileOf(lines: TypedLine[], locale: string): string {
  const rows = lines.map((line) => (isBegun(line) ? rowOf(line, locale) : {}));
  return [COLUMNS, ...rows.map((row: Record<string, string>) => COLUMNS.map((column) => row[column] ?? ""))]
    .map((cells) => `${cells.map(quoted).join(",")}\r\n`)
    .join("");
}

function rowOf({ kind, cells }: TypedLine, locale: string): Record<string, string> {
  const said = FIELDS[kind].map(({ column, isNumber }) => {
    const text = cells[column]?.trim() ?? "";
    return [column, isNumber ? plainNumber(text, locale) : text];
  });
  // An account's code begins with its type; saying it lets the account be opened, and the look shows that it is.
  const type = kind === "account" ? { type: (cells.account ?? "").trim().split(":")[0] ?? "" } : {};
  return { kind, ...type, ...Object.fromEntries(said) };
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
