import { useTranslations } from "use-intl";
import { useStateWord } from "@/ui/state";

const NAMES = { per_day: "limitPerDay", per_month: "limitPerMonth", balance: "limitBalance" } as const;

/** What is left of a limit, in words. */
export function useLimitName(): (kind: string) => string {
  const t = useTranslations("wallets");
  const wordOf = useStateWord();
  return (kind) => (kind in NAMES ? t(NAMES[kind as keyof typeof NAMES]) : wordOf(kind));
}
