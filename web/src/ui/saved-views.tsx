"use client";

import { Bookmark, X } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { createContext, type FormEvent, useContext, useState } from "react";
import { useTranslations } from "use-intl";
import { Link } from "@/ui/link";
import { Button } from "./button";
import { classes } from "./classes";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { useStored } from "./stored";
import { isSameSearch, type View, withoutView, withView } from "./views";

/** Whose views are shown: two people at one browser keep their own. */
export const ViewOwnerContext = createContext("");

const LONGEST_NAME = 40;

/** A list's filters kept under names in this browser. A view is a link, so it can be opened in a new tab as well. */
export function SavedViews({ list }: { list: string }) {
  const t = useTranslations("ui");
  const owner = useContext(ViewOwnerContext);
  const pathname = usePathname();
  const search = useSearchParams().toString();
  const [views, setViews] = useStored<View[]>(`specie.views.${owner}.${list}`, []);
  const isKept = views.some((view) => isSameSearch(view.search, search));
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {views.map((view) => (
        <span
          key={view.name}
          className={classes(
            "inline-flex items-center rounded-full border text-xs",
            isSameSearch(view.search, search) ? "border-accent bg-accent-soft font-medium" : "border-rule",
          )}
        >
          <Link
            href={`${pathname}?${view.search}`}
            aria-current={isSameSearch(view.search, search) ? "true" : undefined}
            className="py-1 ps-3 hover:underline"
          >
            {view.name}
          </Link>
          <button
            type="button"
            aria-label={t("forgetView", { name: view.name })}
            onClick={() => setViews(withoutView(views, view.name))}
            className="rounded-full p-1.5 text-soft hover:text-ink"
          >
            <X size={12} aria-hidden="true" />
          </button>
        </span>
      ))}
      {search !== "" && !isKept && <KeepView onKeep={(name) => setViews(withView(views, { name, search }))} />}
    </div>
  );
}

function KeepView({ onKeep }: { onKeep: (name: string) => void }) {
  const t = useTranslations("ui");
  const [open, setOpen] = useState(false);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (name === "") return;
    onKeep(name);
    setOpen(false);
  }

  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="inline-flex items-center gap-1.5 rounded px-2 py-1 text-soft text-xs hover:bg-well"
      >
        <Bookmark size={14} aria-hidden="true" /> {t("saveView")}
      </button>
      <Dialog open={open} onOpenChange={setOpen} title={t("saveView")} description={t("saveViewNote")}>
        <form onSubmit={submit} className="space-y-4">
          <TextField label={t("viewName")} name="name" required maxLength={LONGEST_NAME} hint={t("viewReplaced")} />
          <Button kind="primary" type="submit" className="w-full">
            {t("saveTheView")}
          </Button>
        </form>
      </Dialog>
    </>
  );
}
