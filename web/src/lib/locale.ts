/** The reader's own number and date format. */
export function readerLocale(): string {
  return typeof navigator === "undefined" ? "en" : navigator.language || "en";
}
