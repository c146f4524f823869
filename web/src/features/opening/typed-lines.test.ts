import { expect, test } from "vitest";
import { emptyLine, fileOf, isBegun, type TypedLine } from "./typed-lines";

const line = (kind: TypedLine["kind"], cells: Record<string, string>): TypedLine => ({ key: 0, kind, cells });

test("typed lines become the file that would have been sent, with plain numbers and whole texts", () => {
  const lines = [
    line("account", { account: "asset:bank:main", name: 'The "old", one', currency: "IDR", amount: "1.250.000,50" }),
    line("wallet", { party: "+628123456789", purse: "", currency: "IDR", amount: "-5" }),
    line("stock", { product: "C1", warehouse: "MAIN", quantity: "2,5", unit_cost: "10", currency: "IDR" }),
    line("bill", { party: "a@b.c", number: "F-1", currency: "IDR", amount: "1.000", total: "2.000", note: "x" }),
  ];
  expect(fileOf(lines, "de").split("\r\n")).toEqual([
    "kind,type,account,name,currency,amount,party,purse,product,warehouse,quantity,unit_cost,number,issued_on,due_on,total,note",
    'account,asset,asset:bank:main,"The ""old"", one",IDR,1250000.50,,,,,,,,,,,',
    "wallet,,,,IDR,-5,+628123456789,,,,,,,,,,",
    "stock,,,,,,,,C1,MAIN,2.5,10,,,,,",
    "bill,,,,IDR,1000,a@b.c,,,,,,F-1,,,2000,x",
    "",
  ]);
});

test("a line nobody has begun is an empty row, and the next one keeps the kind, currency and warehouse", () => {
  const stock = line("stock", { product: "C1", warehouse: "MAIN", currency: "EUR" });
  const next = emptyLine(stock);
  expect([next.kind, next.cells.currency, next.cells.warehouse, isBegun(next)]).toEqual([
    "stock",
    "EUR",
    "MAIN",
    false,
  ]);
  expect(fileOf([next], "en").split("\r\n")[1]).toBe(",".repeat(16));
});

test("what is no number goes as it is, so that the answer can name it", () => {
  expect(fileOf([line("stock", { product: "C1", quantity: "many" })], "en")).toContain(",many,");
});
