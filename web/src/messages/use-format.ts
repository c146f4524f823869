"use client";

import { useLocale } from "use-intl";
import { readerFormat } from "@/lib/locale";

/** The reader's number and date format, in the language the page is shown in. */
export function useFormat(): string {
  return readerFormat(useLocale());
}
