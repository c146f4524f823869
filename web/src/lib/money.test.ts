import { describe, expect, it } from "vitest";
import { exponentOf, formatMoney, parseMoney, sumByCurrency, toDecimal } from "./money";

const MOST = 2 ** 53 - 1;

describe("money", () => {
  it("shows two decimals for the rupiah, as ISO 4217 says", () => {
    expect(formatMoney({ amount: 1_500_000, currency: "IDR" }, "en")).toBe("IDR\u00a015,000.00");
  });

  it("shows no decimals for the yen", () => {
    expect(formatMoney({ amount: 98_000, currency: "JPY" }, "en")).toBe("JPY\u00a098,000");
  });

  it("shows three decimals for the Kuwaiti dinar", () => {
    expect(formatMoney({ amount: 1_005, currency: "KWD" }, "en")).toBe("KWD\u00a01.005");
  });

  it("uses a real minus sign and says minus aloud", () => {
    const debt = { amount: -5, currency: "USD" };
    expect(formatMoney(debt, "en")).toBe("\u2212USD\u00a00.05");
  });

  it("keeps every digit of the largest amount", () => {
    expect(toDecimal({ amount: MOST, currency: "USD" })).toBe("90071992547409.91");
    expect(formatMoney({ amount: MOST, currency: "USD" }, "en")).toBe("USD\u00a090,071,992,547,409.91");
    expect(formatMoney({ amount: -MOST, currency: "KWD" }, "en")).toBe("\u2212KWD\u00a09,007,199,254,740.991");
  });

  it("puts the code where the reader's locale puts it", () => {
    expect(formatMoney({ amount: 123_456, currency: "EUR" }, "de")).toBe("1.234,56\u00a0EUR");
  });

  it("marks money that comes in only when asked to", () => {
    expect(formatMoney({ amount: 100, currency: "USD" }, "en", true)).toBe("+USD\u00a01.00");
    expect(formatMoney({ amount: 0, currency: "USD" }, "en", true)).toBe("USD\u00a00.00");
  });

  it("treats a currency it does not know as having two decimals", () => {
    expect(exponentOf("ZZZ")).toBe(2);
  });

  it("reads typed amounts in the reader's number format", () => {
    expect(parseMoney("15,000.5", "IDR", "en")).toBe(1_500_050);
    expect(parseMoney("15.000,50", "IDR", "de")).toBe(1_500_050);
    expect(parseMoney("98000", "JPY", "en")).toBe(98_000);
  });

  it("refuses separators that do not stand between thousands, for they may be meant as decimals", () => {
    expect(parseMoney("1,5", "USD", "en")).toBeNull();
    expect(parseMoney("12,50", "USD", "en")).toBeNull();
    expect(parseMoney("1.5", "EUR", "de")).toBeNull();
    expect(parseMoney("1,5", "JPY", "en")).toBeNull();
    expect(parseMoney("1.000,5", "USD", "en")).toBeNull();
    expect(parseMoney("12,34,567.5", "INR", "hi")).toBe(123_456_750);
    expect(parseMoney("1,234,567", "JPY", "en")).toBe(1_234_567);
  });

  it("refuses what is not an amount of the currency", () => {
    expect(parseMoney("1.234", "USD", "en")).toBeNull();
    expect(parseMoney("1.5", "JPY", "en")).toBeNull();
    expect(parseMoney("-5", "USD", "en")).toBeNull();
    expect(parseMoney("five", "USD", "en")).toBeNull();
    expect(parseMoney("", "USD", "en")).toBeNull();
    expect(parseMoney("90071992547409.92", "USD", "en")).toBeNull();
  });

  it("never adds amounts of different currencies", () => {
    const rows = [
      { amount: 1, currency: "USD" },
      { amount: 2, currency: "IDR" },
      { amount: 3, currency: "USD" },
    ];
    expect(sumByCurrency(rows)).toEqual([
      { amount: 4, currency: "USD" },
      { amount: 2, currency: "IDR" },
    ]);
  });
});
