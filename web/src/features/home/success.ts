import type { Hour } from "./contract";

export type Slot = { hour: number; succeeded: number; ended: number };
export type Fare = { connection: string; provider: string; succeeded: number; ended: number; slots: Slot[] };

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** How each connection has fared since the day began: one slot for each hour of the day, also for those without charges. */
export function faresSince(since: string, hours: Hour[]): Fare[] {
  const fares = new Map<string, Fare>();
  for (const { connection, provider, hour, succeeded, ended } of hours) {
    const fare = fares.get(connection) ?? { connection, provider, succeeded: 0, ended: 0, slots: emptyDay() };
    const at = Math.trunc((Date.parse(hour) - Date.parse(since)) / HOUR_MS);
    // The day on which clocks are turned back has one hour more.
    while (fare.slots.length <= at) fare.slots.push({ hour: fare.slots.length, succeeded: 0, ended: 0 });
    fare.slots[at] = { hour: at, succeeded, ended };
    fare.succeeded += succeeded;
    fare.ended += ended;
    fares.set(connection, fare);
  }
  return [...fares.values()];
}

function emptyDay(): Slot[] {
  return Array.from({ length: HOURS }, (_, hour) => ({ hour, succeeded: 0, ended: 0 }));
}

/** Whole per cent, or a dash where nothing has ended. */
export function rateText({ succeeded, ended }: { succeeded: number; ended: number }): string {
  return ended === 0 ? "—" : `${Math.round((succeeded / ended) * 100)} %`;
}
