"use client";

import { useEffect, useState } from "react";

/** A choice remembered in this browser. The first render uses the default, so the exported page and the browser agree. */
export function useStored<Value>(key: string, initial: Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState(initial);
  useEffect(() => {
    try {
      const text = localStorage.getItem(key);
      if (text !== null) setValue(JSON.parse(text) as Value);
    } catch {
      // Refused storage or a broken value: the default stays.
    }
  }, [key]);
  const keep = (next: Value) => {
    setValue(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // The choice then lasts until the page is left.
    }
  };
  return [value, keep];
}
