/** The month ends (YYYY-MM-DD) after `closed` and up to `closable`, the newest first; at most `most`. */
export function monthEnds(closable: string, closed: string | null, most = 12): string[] {
  const [year = 0, month = 1] = closable.split("-").map(Number);
  const candidates = Array.from({ length: most + 1 }, (_, back) => lastDay(year, month - back));
  return candidates.filter((day) => day <= closable && (closed === null || day > closed)).slice(0, most);
}

function lastDay(year: number, month: number): string {
  // Day 0 is the last of the month before; months beyond the year carry over.
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}
