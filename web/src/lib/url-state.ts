"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef } from "react";

export type UrlState = Record<string, string>;

/** The state a query string says, with defaults for what it leaves out; keys without a default are ignored. */
export function readState<State extends UrlState>(search: URLSearchParams, defaults: State): State {
  const entries = Object.entries(defaults).map(([key, fallback]) => [key, search.get(key) ?? fallback]);
  return Object.fromEntries(entries) as State;
}

/** The query string for a state. Defaults are left out, so the same view always has the same short address. */
export function writeState<State extends UrlState>(search: URLSearchParams, state: State, defaults: State): string {
  const next = new URLSearchParams(search);
  for (const [key, value] of Object.entries(state)) {
    if (value === defaults[key]) next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  return text ? `?${text}` : "";
}

/** Filters that live in the address: a view is a link. */
export function useUrlState<State extends UrlState>(defaults: State): [State, (change: Partial<State>) => void] {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();
  const state = useMemo(() => readState(new URLSearchParams(search), defaults), [search, defaults]);
  // The address follows a moment later; a second change meanwhile goes on from what the first has asked for.
  const asked = useRef(search.toString());
  useEffect(() => {
    asked.current = search.toString();
  }, [search]);
  const change = useCallback(
    (part: Partial<State>) => {
      const latest = new URLSearchParams(asked.current);
      const next = writeState(latest, { ...readState(latest, defaults), ...part }, defaults);
      asked.current = next;
      router.replace(pathname + next, { scroll: false });
    },
    [router, pathname, defaults],
  );
  return [state, change];
}
