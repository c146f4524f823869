"use client";

import { formatDateTime, formatTime, relative, utcText } from "@/lib/dates";
import { useFormat } from "@/messages/use-format";
import { useZone } from "./zone";

type Props = { at: string | null | undefined; show?: "full" | "time" | "seconds"; beside?: boolean };

/** A moment in the business's time zone with UTC in the tooltip; `beside` adds how long ago. */
export function When({ at, show = "full", beside = false }: Props) {
  const zone = useZone();
  const locale = useFormat();
  if (!at) return <span className="text-soft">—</span>;

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
