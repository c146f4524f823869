/** Dates are shown in the business's time zone; the tooltip holds UTC, so two people always mean the same moment. */

export function formatDateTime(iso: string, timeZone: string, locale: string, withSeconds = false): string {
  return new Intl.DateTimeFormat(locale, {
    day: "2-digit",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(withSeconds && { second: "2-digit" }),
    hourCycle: "h23",
    timeZone,
  }).format(new Date(iso));
}

export function formatTime(iso: string, timeZone: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
  return format.format(new Date(iso));
}

export function formatDay(iso: string, timeZone: string, locale: string): string {
  const options = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone } as const;
  return new Intl.DateTimeFormat(locale, options).format(new Date(iso));
}

/** A business date such as `2026-11-21` for people; a date has no zone, so none is applied. */
export function formatPlainDay(day: string, locale: string): string {
  const options = { day: "2-digit", month: "short", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale, options).format(new Date(`${day}T00:00:00Z`));
}

/** The business date of a moment as `2026-11-21`. */
export function businessDay(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone }).format(
    new Date(iso),
  );
}

/** The moment a business day begins, as UTC text. */
export function startOfBusinessDay(day: string, timeZone: string): string {
  const midnightUtc = new Date(`${day}T00:00:00Z`);
  const first = new Date(midnightUtc.getTime() - offsetMs(midnightUtc, timeZone));
  // The offset is read again at the result, because a clock change may lie between the two.
  return new Date(midnightUtc.getTime() - offsetMs(first, timeZone)).toISOString();
}

/** The day after a day, both as `2026-11-21`. */
export function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

/** The days of a paper in its address; what is left out is for the server to say. */
export function printedDays(from: string, through: string, language = ""): string {
  const days = new URLSearchParams({
    ...(from && { from }),
    ...(through && { through }),
    ...(language && { language }),
  });
  return days.size > 0 ? `?${days}` : "";
}

/** The day so many days before a day, both as `2026-11-21`. */
export function dayBefore(day: string, days: number): string {
  const earlier = new Date(`${day}T00:00:00Z`);
  earlier.setUTCDate(earlier.getUTCDate() - days);
  return earlier.toISOString().slice(0, 10);
}

export function utcText(iso: string): string {
  return `${new Date(iso).toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function relative(iso: string, now: Date, locale: string): string {
  const seconds = Math.round((new Date(iso).getTime() - now.getTime()) / 1000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
  return step ? format.format(Math.trunc(seconds / step[1]), step[0]) : format.format(0, "minute");
}

/** Groups rows by business day and keeps their order. */
export function groupByDay<Row>(rows: Row[], at: (row: Row) => string, timeZone: string): [string, Row[]][] {
  const days = new Map<string, Row[]>();
  for (const row of rows) {
    const day = businessDay(at(row), timeZone);
    days.set(day, [...(days.get(day) ?? []), row]);
  }
  return [...days];
}

function offsetMs(moment: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(moment);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute"), read("second"));
  return wall - Math.trunc(moment.getTime() / 1000) * 1000;
}

const UNITS: [name: string, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** A length of time by its two largest units: 90061 seconds is "1 day 1 hour". */
export function durationInWords(seconds: number): string {
  let left = Math.max(0, Math.trunc(seconds));
  const parts = UNITS.map(([name, size]): [string, number] => {
    const count = Math.trunc(left / size);
    left -= count * size;
    return [name, count];
  });
  const first = parts.findIndex(([, count]) => count > 0);
  if (first === -1) return "nothing";
  const shown = parts.slice(first, first + 2).filter(([, count]) => count > 0);
  return shown.map(([name, count]) => `${count} ${name}${count === 1 ? "" : "s"}`).join(" ");
}
