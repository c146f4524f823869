"use client";

import { Copy } from "lucide-react";
import { toast } from "sonner";
import { useTranslations } from "use-intl";

/** The middle left out, so that the prefix and the telling end stay. A word without a prefix is no id and stays whole. */
export function shortId(id: string): string {
  return id.length <= 18 || !id.includes("_") ? id : `${id.slice(0, 9)}…${id.slice(-6)}`;
}

/** An account's code with the middle left out of the ids in it. */
export function shortCode(code: string): string {
  return code.split(":").map(shortId).join(":");
}

/** Copies text and says so; where the browser refuses, it says that too. */
export function useCopy(): (text: string, what: string) => Promise<void> {
  const t = useTranslations("ui");
  return async (text, what) => {
    try {
      await navigator.clipboard.writeText(text);
      toast(t("copied", { what }));
    } catch {
      toast.error(t("copyRefused", { text }));
    }
  };
}

/** An identifier: monospaced, its middle left out, the whole in the title; a click copies it. */
export function Id({ value, full = false }: { value: string | null | undefined; full?: boolean }) {
  const t = useTranslations("ui");
  const copy = useCopy();
  if (!value) return <span className="text-soft">—</span>;
  return (
    <button
      type="button"
      title={value}
      onClick={() => copy(value, t("id"))}
      className="group inline-flex max-w-full items-center gap-1 rounded text-start font-mono text-xs hover:text-accent"
    >
      <span className="sr-only">{`${t("copy")} `}</span>
      <span className={full ? "break-all" : "whitespace-nowrap"}>{full ? value : shortId(value)}</span>
      <Copy size={12} aria-hidden="true" className="no-print shrink-0 text-soft group-hover:text-accent" />
    </button>
  );
}
