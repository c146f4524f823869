"use client";

import { useTranslations } from "use-intl";
import { OutsideFrame } from "@/features/identity/outside-frame";
import { Link } from "@/ui/link";

export default function NotFound() {
  const t = useTranslations("ui");
  return (
    <OutsideFrame title={t("noSuchPage")} note={t("notMoved")}>
      <Link href="/" className="text-accent underline underline-offset-4">
        {t("toTheStart")}
      </Link>
    </OutsideFrame>
  );
}
