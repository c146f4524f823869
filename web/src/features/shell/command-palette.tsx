"use client";

import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { Dialog } from "@/ui/dialog";
import { useKeys } from "@/ui/shortcuts";
import type { PlaceGroup } from "./navigation";
import { pageOfId } from "./page-of-id";

/** ⌘K: go anywhere, or paste an id and open it. */
export function CommandPalette({ groups }: { groups: PlaceGroup[] }) {
  const t = useTranslations("shell");
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  useGoKeys(groups);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setOpen((was) => !was);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  const go = (href: string) => {
    setOpen(false);
    setText("");
    router.push(href);
  };
  const idPage = pageOfId(text);
  const item = "flex cursor-pointer items-center gap-2 rounded px-2 py-2 data-[selected=true]:bg-well";
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="flex items-center gap-2 rounded p-2 text-soft hover:bg-well"
      >
        <Search size={16} aria-hidden="true" />
        <span className="hidden text-xs sm:inline">{t("findKey")}</span>
        <span className="sr-only sm:hidden">{t("find")}</span>
      </button>
      <Dialog open={open} onOpenChange={setOpen} title={t("find")}>
        <Command label={t("findLabel")}>
          <Command.Input
            value={text}
            onValueChange={setText}
            placeholder={t("findHint")}
            className="mb-2 block w-full rounded-md border border-rule-strong/70 bg-sheet px-3 py-2 text-base sm:text-sm"
          />
          <Command.List className="max-h-80 overflow-y-auto">
            <Command.Empty className="p-4 text-soft">{t("findNothing")}</Command.Empty>
            {idPage && (
              <Command.Item forceMount value={text} onSelect={() => go(idPage)} className={item}>
                {t("findOpen", { id: text.trim() })}
              </Command.Item>
            )}
            {text.trim().length > 2 && !idPage && (
              <Command.Item
                forceMount
                value={`search ${text}`}
                onSelect={() => go(`/payments/?q=${encodeURIComponent(text.trim())}`)}
                className={item}
              >
                {t("findPayments", { text: text.trim() })}
              </Command.Item>
            )}
            {groups.map((group) => (
              <Command.Group key={group.name} heading={group.name} className="text-soft text-xs">
                {group.places.map((place) => (
                  <Command.Item
                    key={place.href}
                    value={`${group.name} ${place.name}`}
                    onSelect={() => go(place.href)}
                    className={`${item} text-ink text-sm`}
                  >
                    <place.icon size={16} aria-hidden="true" className="text-soft" />
                    {place.name}
                  </Command.Item>
                ))}
              </Command.Group>
            ))}
          </Command.List>
        </Command>
      </Dialog>
    </>
  );
}

// `g` and then a letter goes to a place; the letter must follow within a second.
const PATIENCE_MS = 1000;
let goPressedAt = 0;

function useGoKeys(groups: PlaceGroup[]) {
  const router = useRouter();
  useKeys((key) => {
    if (key === "g") {
      goPressedAt = performance.now();
      return;
    }
    if (performance.now() - goPressedAt > PATIENCE_MS) {
      // Here, because the same key after g leads to the events.
      if (key === "e") document.querySelector<HTMLElement>("[data-export]")?.click();
      return;
    }
    goPressedAt = -PATIENCE_MS;
    const place = groups.flatMap((group) => group.places).find((candidate) => candidate.go === key);
    if (place) router.push(place.href);
  });
}
