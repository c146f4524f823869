"use client";

import type { Page } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Connection } from "./contract";

const MOST = 100;

/** The tenant's connections, which are few: one page of the API holds them. Not asked for where it is not `enabled`. */
export function useConnections(enabled = true) {
  const { data, error, refetch } = useThing<Page<Connection>>(enabled ? "/connections" : null, { limit: MOST });
  return { data: data?.data, error, refetch };
}
