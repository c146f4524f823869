"use client";

import { useQuery } from "@tanstack/react-query";
import { lostAnswer, type Problem, problemOf } from "@/client/problem";

export type Lag = { seconds: number; limit_seconds: number | null };
export type Health = { status: string; checks: Record<string, string>; lags: Record<string, Lag>; notes: string[] };
export type Version = { version: string; schema: string };

const EVERY_MS = 10_000;

// These two answer outside of `/api/v1`, because machines ask them without logging in. 503 is an answer too.
async function ask<Answer>(path: string): Promise<Answer> {
  const response = await globalThis.fetch(path).catch(() => {
    throw lostAnswer(true);
  });
  const body = await response.json().catch(() => null);
  if (!body || (!response.ok && response.status !== 503)) throw problemOf(response, body);
  return body as Answer;
}

export function useHealth() {
  return useQuery<Health, Problem>({
    queryKey: ["/health"],
    queryFn: () => ask("/health"),
    refetchInterval: EVERY_MS,
  });
}

export function useVersion() {
  return useQuery<Version, Problem>({ queryKey: ["/version"], queryFn: () => ask("/version") });
}
