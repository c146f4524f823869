/** The languages that customers are spoken to in, each by its own name. */
export const LANGUAGES = { en: "English", id: "Bahasa Indonesia", hi: "हिन्दी", ar: "العربية" } as const;

export type Language = keyof typeof LANGUAGES;

/** Where a choice made by hand is kept in this browser. */
export const KEPT_AS = "specie.language";

export function isLanguage(text: string | null | undefined): text is Language {
  return typeof text === "string" && Object.hasOwn(LANGUAGES, text);
}

/** The language chosen by hand, else the first of the browser's that is spoken here, else English. */
export function languageOf(chosen: string | null, accepted: readonly string[]): Language {
  const wanted = [chosen, ...accepted.map((locale) => locale.split("-")[0])];
  return wanted.find(isLanguage) ?? "en";
}

export function directionOf(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}

/**
 * The number and date format of a reader: the first of the browser's own formats in that language, else the language's.
 * English that nobody chose is only what is left, so the browser's own format stays.
 */
export function formatOf(language: Language, isChosen: boolean, accepted: readonly string[]): string {
  if (language === "en" && !isChosen) return accepted[0] || "en";
  const own = accepted.find((locale) => locale.split("-")[0] === language) ?? language;
  return inFigures(own);
}

/**
 * A locale with the figures and days of the statement, the bank and the till. Only Arabic has others of its own here:
 * digits in most countries, and in some a calendar.
 */
export function inFigures(locale: string): string {
  if (locale.split("-")[0] !== "ar") return locale;
  return new Intl.Locale(locale, { numberingSystem: "latn", calendar: "gregory" }).toString();
}
