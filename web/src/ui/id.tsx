"use client";

import { Copy } from "lucide-react";
import { toast } from "sonner";

/** The middle left out, so that the prefix and the telling end stay. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 9)}…${id.slice(-6)}`;
}

/** An account's code with the middle left out of the ids in it. */
export function shortCode(code: string): string {
  return code.split(":").map(shortId).join(":");
}

/** Copies text and says so; where the browser refuses, it says that too. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    toast.error(`The browser refused; select the text to copy it: ${text}`);
  }
}

/** An identifier: monospaced, its middle left out, the whole in the title; a click copies it. */
export function Id({ value, full = false }: { value: string | null | undefined; full?: boolean }) {
  if (!value) return <span className="text-soft">—</span>;
  return (
    <button
      type="button"
      title={value}
      onClick={() => copyText(value, "Id")}
      className="group inline-flex max-w-full items-center gap-1 rounded text-left font-mono text-xs hover:text-accent"
    >
      <span className="sr-only">Copy </span>
      <span className={full ? "break-all" : "whitespace-nowrap"}>{full ? value : shortId(value)}</span>
      <Copy size={12} aria-hidden="true" className="no-print shrink-0 text-soft group-hover:text-accent" />
    </button>
  );
}
