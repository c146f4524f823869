import { formatOf, KEPT_AS, type Language } from "@/messages/languages";

/** The number and date format of a reader who is spoken to in a language. */
export function readerFormat(language: Language): string {
  return typeof navigator === "undefined" ? "en" : formatOf(language, readerKept() === language, navigator.languages);
}

/** The reader's own number and date format, where the page is in English for everybody. */
export function readerLocale(): string {
  return readerFormat("en");
}

/** The language chosen by hand in this browser, as it is kept. */
export function readerKept(): string | null {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}
