"use client";

import { useEffect, useState } from "react";

/** A text once nobody has changed it for a moment, so that a search does not start with every letter. */
export function useSettled(text: string, afterMs = 200): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const waiting = setTimeout(() => setSettled(text), afterMs);
    return () => clearTimeout(waiting);
  }, [text, afterMs]);
  return settled;
}
