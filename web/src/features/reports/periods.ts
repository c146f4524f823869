export type Period = { since: string; until: string };

const iso = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

function parts(day: string): [number, number, number] {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return [year, month, date];
}

/** The month, quarter or year a day lies in, whole. */
export function periodAround(day: string, length: "month" | "quarter" | "year"): Period {
  const [year, month] = parts(day);
  if (length === "year") return { since: iso(year, 1, 1), until: iso(year, 12, 31) };
  const months = length === "quarter" ? 3 : 1;
  const first = month - ((month - 1) % months);
  // Day 0 is the last of the month before.
  return { since: iso(year, first, 1), until: iso(year, first + months, 0) };
}

/** The period just before another: as many whole months when it is made of such, else as many days. */
export function periodBefore({ since, until }: Period): Period {
  const [year, month, day] = parts(since);
  const [lastYear, lastMonth, lastDay] = parts(until);
  const isWhole = day === 1 && iso(lastYear, lastMonth + 1, 0) === until;
  if (isWhole) {
    const months = (lastYear - year) * 12 + lastMonth - month + 1;
    return { since: iso(year, month - months, 1), until: iso(year, month, 0) };
  }
  const days = (Date.UTC(lastYear, lastMonth - 1, lastDay) - Date.UTC(year, month - 1, day)) / 86_400_000 + 1;
  return { since: iso(year, month, day - days), until: iso(year, month, day - 1) };
}
