import { describe, expect, it } from "vitest";
import { csvOf, type FileColumn } from "./export";

type Row = { name: string; amount: { amount: number; currency: string } | null };

const COLUMNS: FileColumn<Row>[] = [
  { header: "Name", file: (row) => row.name },
  { header: "Actions" },
  { header: "Amount", file: (row) => row.amount },
];

const inEnglish = (header: string) => `${header} currency`;

describe("csvOf", () => {
  it("writes exact decimals beside their currency and leaves out what is no data", () => {
    const rows = [{ name: "Coffee", amount: { amount: -9_007_199_254_740_991, currency: "KWD" } }];
    expect(csvOf(COLUMNS, rows, inEnglish)).toBe("Name,Amount,Amount currency\r\nCoffee,-9007199254740.991,KWD\r\n");
  });

  it("quotes what would break a line and leaves empty what is not there", () => {
    const rows = [
      { name: 'Two, "large"\nbags', amount: null },
      { name: "Tea", amount: { amount: 150, currency: "JPY" } },
    ];
    expect(csvOf(COLUMNS, rows, inEnglish)).toBe(
      'Name,Amount,Amount currency\r\n"Two, ""large""\nbags",,\r\nTea,150,JPY\r\n',
    );
  });

  it("lets no spreadsheet run a stranger's text", () => {
    expect(csvOf(COLUMNS.slice(0, 1), [{ name: "=HYPERLINK(1)", amount: null }], inEnglish)).toBe(
      "Name\r\n'=HYPERLINK(1)\r\n",
    );
  });
});
