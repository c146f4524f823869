"use client";

import { Keyboard } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Dialog } from "@/ui/dialog";
import { useKeys } from "@/ui/shortcuts";
import type { PlaceGroup } from "./navigation";

const KEYS = [
  ["⌘K", "keyFind"],
  ["/", "keySearch"],
  ["j  k", "keyRows"],
  ["Enter", "keyOpen"],
  ["e", "keyExport"],
  ["`", "keyDrawer"],
  ["Esc", "keyClose"],
  ["?", "keyHelp"],
] as const;

/** The keys there are. None is needed for anything. */
export function KeyboardHelp({ groups }: { groups: PlaceGroup[] }) {
  const t = useTranslations("shell");
  const [open, setOpen] = useState(false);
  useKeys((key) => key === "?" && setOpen(true));
  const places = groups.flatMap((group) => group.places).filter((place) => place.go);
  const shown = [
    ...KEYS.map(([keys, does]) => [keys, t(does)] as const),
    ...places.map((place) => [`g ${place.go}`, place.name] as const),
  ];
  return (
    <>
      <button
        type="button"
        aria-label={t("keysLabel")}
        onClick={() => setOpen(true)}
        className="hidden rounded p-2 hover:bg-well md:block"
      >
        <Keyboard size={16} aria-hidden="true" />
      </button>
      <Dialog open={open} onOpenChange={setOpen} title={t("keys")} description={t("keysNote")}>
        <dl className="grid grid-cols-2 gap-x-6 gap-y-1.5">
          {shown.map(([keys, does]) => (
            <div key={keys} className="flex items-center justify-between gap-2">
              <dt className="text-soft">{does}</dt>
              <dd>
                <kbd className="rounded border border-rule bg-well px-1.5 py-0.5 font-mono text-xs">{keys}</kbd>
              </dd>
            </div>
          ))}
        </dl>
      </Dialog>
    </>
  );
}
