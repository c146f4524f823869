import type { useTranslations } from "use-intl";
import en from "./en";
import type { Language } from "./languages";
import type { ProblemCode } from "./problem-codes";

/** Every text of the web by its key. English is the original: the other languages have exactly its keys. */
export type Messages = typeof en;

/** The shape of a translation: the keys of the original, each with a text of its own. */
export type Translation<Original> = {
  readonly [Key in keyof Original]: Original[Key] extends string ? string : Translation<Original[Key]>;
};

/** What is said in one language: its texts, and a sentence for each refusal that customers meet. */
export type Words = { messages: Translation<Messages>; problems: Record<ProblemCode, string> | null };

/** What `useTranslations` gives for a part of the texts, to hand on to functions that are no components. */
export type Say<Part extends keyof Messages> = ReturnType<typeof useTranslations<Part>>;

declare module "use-intl" {
  interface AppConfig {
    Messages: Messages;
  }
}

/** English is in the bundle, because the exported pages are written in it. The server itself says its refusals in it. */
export const ENGLISH: Words = { messages: en, problems: null };

const OTHERS: Record<Exclude<Language, "en">, () => Promise<{ default: Words }>> = {
  id: () => import("./id"),
  hi: () => import("./hi"),
  ar: () => import("./ar"),
};

/** The words of a language, fetched when they are first wanted. */
export async function wordsOf(language: Language): Promise<Words> {
  return language === "en" ? ENGLISH : (await OTHERS[language]()).default;
}
