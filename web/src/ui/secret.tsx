"use client";

import { Copy } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "./button";
import { useCopy } from "./id";

/** Text that is shown this once: to copy now, never to be had again. */
export function Secret({ name, text }: { name: string; text: string }) {
  const t = useTranslations("ui");
  const copy = useCopy();
  return (
    <div className="space-y-3">
      <pre className="overflow-x-auto whitespace-pre-wrap break-all rounded-md bg-well p-3 font-mono text-xs">
        {text}
      </pre>
      <Button icon={<Copy size={14} aria-hidden />} onClick={() => copy(text, name)}>
        {t("copy")}
      </Button>
    </div>
  );
}
