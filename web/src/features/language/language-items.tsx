"use client";

import { DropdownMenu } from "radix-ui";
import { useTranslations } from "use-intl";
import { isLanguage, LANGUAGES } from "@/messages/languages";
import { useChosenLanguage } from "./use-choice";

/** The languages as a part of the menu of an account. */
export function LanguageItems() {
  const t = useTranslations("ui");
  const [language, choose] = useChosenLanguage();
  return (
    <>
      <DropdownMenu.Separator className="my-1 border-rule border-t" />
      <DropdownMenu.Label className="px-2 py-1 text-soft text-xs">{t("language")}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={language} onValueChange={(wanted) => isLanguage(wanted) && void choose(wanted)}>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <DropdownMenu.RadioItem
            key={code}
            value={code}
            lang={code}
            className="flex cursor-pointer items-center gap-2 rounded px-2 py-1.5 outline-none data-[highlighted]:bg-well"
          >
            <span className="w-4">
              <DropdownMenu.ItemIndicator>✓</DropdownMenu.ItemIndicator>
            </span>
            {name}
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </>
  );
}
