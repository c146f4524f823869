"use client";

import { Moon, Sun } from "lucide-react";
import { useTranslations } from "use-intl";

/** Light or dark by hand; without a choice the page follows the system. */
export function ThemeToggle() {
  const t = useTranslations("shell");
  return (
    <button type="button" aria-label={t("theme")} onClick={toggle} className="rounded p-2 hover:bg-well">
      <Sun size={16} aria-hidden="true" className="hidden dark:block" />
      <Moon size={16} aria-hidden="true" className="dark:hidden" />
    </button>
  );
}

function toggle() {
  const root = document.documentElement;
  const shown = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = shown === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  try {
    localStorage.setItem("specie.theme", next);
  } catch {
    // The choice then lasts until the page is left.
  }
}
