"use client";

import { useTranslations } from "use-intl";
import { LANGUAGES, type Language } from "@/messages/languages";
import { SelectField } from "@/ui/field";
import { useChosenLanguage } from "./use-choice";

/** The language of the pages, to be changed at once; each is called by its own name. */
export function LanguageField({ hint }: { hint?: string }) {
  const t = useTranslations("ui");
  const [language, choose] = useChosenLanguage();
  return (
    <SelectField
      label={t("language")}
      hint={hint}
      value={language}
      onChange={(event) => void choose(event.target.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
