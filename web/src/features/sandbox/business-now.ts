"use client";

import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useSession } from "@/features/identity/session";

export type Clock = Schemas["ClockOut"];

/** The business's present moment: a sandbox's clock may be ahead of everybody else's. */
export function useBusinessNow(): Date {
  const { tenant } = useSession();
  const clock = useThing<Clock>(tenant.mode === "sandbox" ? "/sandbox/clock" : null);
  return new Date(Date.now() + (clock.data?.ahead_seconds ?? 0) * 1000);
}
