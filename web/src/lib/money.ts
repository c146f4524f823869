import table from "./currencies.json";

/** An amount as the API says it: a whole number of minor units and a currency code. */
export type Amount = { amount: number; currency: string };

type CurrencyRow = { code: string; exponent: number; name: string };

const currencies = new Map((table as CurrencyRow[]).map((row) => [row.code, row]));

const MINUS = "\u2212";

/** All currencies the platform keeps books in, by code. */
export function allCurrencies(): CurrencyRow[] {
  return [...currencies.values()];
}

/** Digits after the decimal point of a currency; 2 where the table does not know the code. */
export function exponentOf(currency: string): number {
  return currencies.get(currency)?.exponent ?? 2;
}

/** The exact decimal text of an amount in minor units: `-1234` in USD is `-12.34`. No floating point is involved. */
export function toDecimal({ amount, currency }: Amount): string {
  const exponent = exponentOf(currency);
  const digits = Math.abs(amount)
    .toString()
    .padStart(exponent + 1, "0");
  const sign = amount < 0 ? "-" : "";
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

export type MoneyParts = { negative: boolean; code: string; digits: string; codeFirst: boolean };

/** What a money cell draws: sign, digits in the reader's number format, and the code on the side the locale puts it. */
export function moneyParts(money: Amount, locale: string): MoneyParts {
  const exponent = exponentOf(money.currency);
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency: money.currency,
    currencyDisplay: "code",
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  });
  const decimal = toDecimal({ ...money, amount: Math.abs(money.amount) });
  // Intl takes the decimal as text, so amounts up to the largest keep their last digit.
  const parts = format.formatToParts(decimal as unknown as number);
  const digits = parts.filter((part) => part.type !== "currency" && part.type !== "literal");
  return {
    negative: money.amount < 0,
    code: money.currency,
    digits: digits.map((part) => part.value).join(""),
    codeFirst: parts[0]?.type === "currency",
  };
}

/** The amount as one line of text with a real minus sign; `signed` puts a plus before money that comes in. */
export function formatMoney(money: Amount, locale: string, signed = false): string {
  const { negative, code, digits, codeFirst } = moneyParts(money, locale);
  const sign = negative ? MINUS : signed && money.amount > 0 ? "+" : "";
  return codeFirst ? `${sign}${code}\u00a0${digits}` : `${sign}${digits}\u00a0${code}`;
}

/** Typed text to minor units, or null when it is not an amount of this currency. Understands the locale's separators. */
export function parseMoney(text: string, currency: string, locale: string): number | null {
  const match = /^(\d+)(?:\.(\d*))?$/.exec(withoutGroups(text, locale) ?? "");
  if (!match) return null;
  const exponent = exponentOf(currency);
  const fraction = match[2] ?? "";
  if (fraction.length > exponent) return null;
  const minor = Number(`${match[1]}${fraction.padEnd(exponent, "0")}`);
  return Number.isSafeInteger(minor) ? minor : null;
}

/** A number as people of a locale write it, as `1250000.50`; what is no number stays as it is. */
export function plainNumber(text: string, locale: string): string {
  const plain = withoutGroups(text, locale);
  return plain !== null && /^-?\d+(\.\d+)?$/.test(plain) ? plain : text;
}

/** Null where a separator stands elsewhere than between thousands: `1,5` may be meant as one and a half, never as 15. */
function withoutGroups(text: string, locale: string): string | null {
  const { group, decimal } = separators(locale);
  const plain = inEuropeanDigits(text).replaceAll(/[\s\u00a0\u202f]/g, "");
  const [whole = "", ...fraction] = plain.split(decimal);
  const groups = whole.split(group);
  return isGrouped(groups) ? [groups.join(""), ...fraction].join(".") : null;
}

/** Whether separators stand where thousands end, or Indian lakhs do; a number without any is one group. */
function isGrouped([first = "", ...others]: string[]): boolean {
  const last = others.pop();
  if (last === undefined) return true;
  const isShort = (group: string) => group.length === 2 || group.length === 3;
  return /^-?\d{1,3}$/.test(first) && others.every(isShort) && last.length === 3;
}

// Keyboards of other scripts type digits of their own: Arabic, Persian and Devanagari ones, each in the order of zero to nine.
const ZEROS = ["\u0660", "\u06f0", "\u0966"];

function inEuropeanDigits(text: string): string {
  return text
    .replaceAll(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, (digit) => {
      const values = ZEROS.map((zero) => digit.charCodeAt(0) - zero.charCodeAt(0));
      return String(values.find((value) => value >= 0 && value <= 9));
    })
    .replaceAll("\u066c", "")
    .replace("\u066b", ".");
}

/** Adds amounts of one currency; currencies are never mixed, so each gets a row of its own. */
export function sumByCurrency(amounts: Amount[]): Amount[] {
  const sums = new Map<string, number>();
  for (const { amount, currency } of amounts) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].map(([currency, amount]) => ({ amount, currency }));
}

function separators(locale: string): { group: string; decimal: string } {
  const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(1_234_567.8);
  const find = (type: string) => parts.find((part) => part.type === type)?.value;
  return { group: find("group") ?? ",", decimal: find("decimal") ?? "." };
}
