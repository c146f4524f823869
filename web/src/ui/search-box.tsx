"use client";

import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useKeys } from "./shortcuts";

type Props = { label: string; value: string; onSearch: (text: string) => void };

const PAUSE_MS = 250;

/**
 * A search field; `/` brings the cursor here, and searching starts when typing pauses or the field is left. Leaving
 * must not wait: a search that starts after a found row was opened would lead back to the list.
 */
export function SearchBox({ label, value, onSearch }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const search = useRef(onSearch);
  search.current = onSearch;
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(waiting.current), []);

  function start(wanted: string) {
    clearTimeout(waiting.current);
    waiting.current = undefined;
    search.current(wanted);
  }

  function type(wanted: string) {
    setText(wanted);
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => start(wanted), PAUSE_MS);
  }

  useKeys((key, event) => {
    if (key !== "/") return;
    event.preventDefault();
    input.current?.focus();
  });
  return (
    <div className="relative min-w-0 basis-full sm:max-w-sm sm:flex-1">
      <Search size={14} aria-hidden="true" className="-translate-y-1/2 absolute top-1/2 start-3 text-soft" />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => type(event.target.value)}
        onBlur={() => waiting.current && start(text)}
        className="block min-h-9 w-full rounded-md border border-rule-strong/70 bg-sheet py-1.5 pe-3 ps-8 placeholder:text-soft"
      />
    </div>
  );
}
