"use client";

import { useContext } from "react";
import { api } from "@/client/api";
import { SessionContext } from "@/features/identity/session";
import type { Wishes } from "@/features/notices/contract";
import { readerKept } from "@/lib/locale";
import { isLanguage, type Language } from "@/messages/languages";
import { useLanguage } from "@/messages/provider";

const WISHES = "/notice-settings";
// Notices are written by the server, which does not speak every language of these pages yet.
const OF_NOTICES: readonly Language[] = ["en", "id"];

/** Chooses a language for the pages and, for somebody logged in, for notices and mails as well. */
export function useChosenLanguage(): [Language, (language: Language) => Promise<void>] {
  const { language, choose } = useLanguage();
  const me = useContext(SessionContext);
  return [
    language,
    async (wanted) => {
      await choose(wanted);
      if (me) await tell(wanted);
    },
  ];
}

/** Right after somebody came in: what they chose on another device is spoken here, unless this browser has a choice. */
export function useRememberedLanguage(): () => Promise<void> {
  const { choose } = useLanguage();
  return async () => {
    if (readerKept() !== null) return;
    const wishes = await api.get<Wishes>(WISHES).catch(() => null);
    // English is what nobody has chosen, too, so it says nothing.
    if (isLanguage(wishes?.language) && wishes.language !== "en") await choose(wishes.language);
  };
}

/** Notices in a language too, where they are written in it. The pages change also when this fails. */
export async function tell(language: Language): Promise<void> {
  if (OF_NOTICES.includes(language)) await api.put(WISHES, { language }).catch(() => undefined);
}
