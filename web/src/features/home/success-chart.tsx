"use client";

import { formatTime } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { EmptyState } from "@/ui/empty-state";
import { Sheet } from "@/ui/sheet";
import { useZone } from "@/ui/zone";
import type { Dashboard } from "./contract";
import { type Fare, faresSince, rateText, type Slot } from "./success";

const HEIGHT = 48;
const SLOT = 10;
const BAR = 7;
const HOUR_MS = 3_600_000;

/** Success by provider and hour of today: the bar is what ended, its upper part what failed. */
export function SuccessChart({ board }: { board: Dashboard }) {
  const fares = faresSince(board.today_since, board.providers);
  const most = Math.max(1, ...fares.flatMap((fare) => fare.slots.map((slot) => slot.ended)));
  return (
    <Sheet title="Success by provider and hour, today">
      {fares.length === 0 && (
        <EmptyState
          title="No charge has ended today"
          why="Each provider gets a bar for every hour, as charges succeed or fail."
          example="Simulator · 8 of 9 succeeded · 89 %"
        />
      )}
      <div className="grid gap-6 sm:grid-cols-2">
        {fares.map((fare) => (
          <FareChart key={fare.connection} fare={fare} since={board.today_since} most={most} />
        ))}
      </div>
      {fares.length > 0 && (
        <p className="mt-4 flex flex-wrap gap-4 text-soft text-xs">
          <Key name="Succeeded" look="bg-chart-good" />
          <Key name="Failed" look="bg-chart-bad" />
        </p>
      )}
    </Sheet>
  );
}

function Key({ name, look }: { name: string; look: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <span aria-hidden="true" className={`inline-block size-2.5 rounded-sm ${look}`} />
      {name}
    </span>
  );
}

function FareChart({ fare, since, most }: { fare: Fare; since: string; most: number }) {
  const zone = useZone();
  const hourText = (hour: number) =>
    formatTime(new Date(Date.parse(since) + hour * HOUR_MS).toISOString(), zone, readerLocale());
  const busy = fare.slots.filter((slot) => slot.ended > 0);
  return (
    <figure className="min-w-0">
      <figcaption className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate font-medium">{fare.connection}</span>
        <span className="figures shrink-0">
          {rateText(fare)}{" "}
          <span className="text-soft text-xs">
            {fare.succeeded} of {fare.ended}
          </span>
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${fare.slots.length * SLOT} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="mt-2 block h-14 w-full border-rule-strong border-b"
      >
        {busy.map((slot) => (
          <Bar key={slot.hour} slot={slot} most={most} title={`${hourText(slot.hour)}: ${spoken(slot)}`} />
        ))}
      </svg>
      <div aria-hidden="true" className="figures mt-1 flex justify-between text-[10px] text-soft">
        {[0, 6, 12, 18, 24].map((hour) => (
          <span key={hour}>{hourText(hour)}</span>
        ))}
      </div>
      <ul className="sr-only">
        {busy.map((slot) => (
          <li key={slot.hour}>
            From {hourText(slot.hour)}: {spoken(slot)}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function spoken(slot: Slot): string {
  return `${slot.succeeded} of ${slot.ended} succeeded`;
}

function Bar({ slot, most, title }: { slot: Slot; most: number; title: string }) {
  const unit = HEIGHT / most;
  const good = slot.succeeded * unit;
  const bad = (slot.ended - slot.succeeded) * unit;
  const x = slot.hour * SLOT + (SLOT - BAR) / 2;
  return (
    <g>
      <title>{title}</title>
      <rect x={x} y={HEIGHT - good} width={BAR} height={good} className="fill-chart-good" />
      <rect x={x} y={HEIGHT - good - bad} width={BAR} height={bad} className="fill-chart-bad" />
    </g>
  );
}
