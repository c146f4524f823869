"use client";

import { readerFormat } from "@/lib/locale";
import { useLanguage } from "./provider";

/** The reader's number and date format, in the language the page is shown in. */
export function useFormat(): string {
  return readerFormat(useLanguage().language);
}
