"use client";

import { formatDateTime, formatTime, relative, utcText } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { useZone } from "./zone";

type Props = { at: string | null | undefined; show?: "full" | "time" | "seconds"; beside?: boolean };

/** A moment in the business's time zone with UTC in the tooltip; `beside` adds how long ago. */
export function When({ at, show = "full", beside = false }: Props) {
  const zone = useZone();
  if (!at) return <span className="text-soft">—</span>;
  const locale = readerLocale();
  const text = show === "time" ? formatTime(at, zone, locale) : formatDateTime(at, zone, locale, show === "seconds");
  return (
    <time dateTime={at} title={utcText(at)}>
      <span className="figures">{text}</span>
      {beside && (
        <>
          {" "}
          <span className="whitespace-nowrap text-soft">· {relative(at, new Date(), locale)}</span>
        </>
      )}
    </time>
  );
}
