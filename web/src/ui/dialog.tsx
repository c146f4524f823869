"use client";

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { classes } from "./classes";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  side?: "centre" | "end" | "start";
  children: ReactNode;
};

const PLACES = {
  centre: "inset-x-3 top-[8vh] mx-auto max-h-[84vh] max-w-lg rounded-lg",
  end: "inset-y-0 end-0 h-dvh w-full max-w-md border-s",
  start: "inset-y-0 start-0 h-dvh w-72 max-w-[85vw] border-e",
};

/**
 * A modal window: focus stays inside, Escape closes it and focus returns to where it was.
 *
 * What is sent in it ends in it: React hands a window's events to whatever opened it, and a form there would be sent too.
 * Escape first closes a list that a field in it has opened.
 */
export function Dialog({ open, onOpenChange, title, description, side = "centre", children }: Props) {
  const t = useTranslations("ui");
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          {...(!description && { "aria-describedby": undefined })}
          onSubmit={(event) => event.stopPropagation()}
          onEscapeKeyDown={(event) => isListOpen(event.target) && event.preventDefault()}
          className={classes(
            "fixed z-50 flex flex-col overflow-y-auto border-rule bg-sheet shadow-float",
            PLACES[side],
          )}
        >
          <div className="flex items-start justify-between gap-4 border-rule border-b px-4 py-3">
            <div>
              <Radix.Title className="text-base">{title}</Radix.Title>
              {description && <Radix.Description className="text-soft text-xs">{description}</Radix.Description>}
            </div>
            <Radix.Close aria-label={t("close")} className="-me-2 rounded p-2 hover:bg-well">
              <X size={16} aria-hidden="true" />
            </Radix.Close>
          </div>
          <div className="p-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function isListOpen(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("[role='combobox'][aria-expanded='true']");
}
