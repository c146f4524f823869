"use client";

import { useEffect, useRef } from "react";

const TYPING = "input, textarea, select, [contenteditable='true'], [role='textbox']";

/** Whether a key press belongs to a field somebody types in. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches(TYPING);
}

/** Listens for plain keys outside of fields. Combinations with Ctrl, Alt or ⌘ are left to the browser. */
export function useKeys(onKey: (key: string, event: KeyboardEvent) => void): void {
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      // Keys stay quiet under an open window: what is behind it must not move.
      if (document.querySelector("[role='dialog']")) return;
      latest.current(event.key, event);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
