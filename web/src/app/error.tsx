"use client";

import { useTranslations } from "use-intl";
import { OutsideFrame } from "@/features/identity/outside-frame";
import { Button } from "@/ui/button";
import { Link } from "@/ui/link";

/** Stands in for a page whose own code has failed. */
export default function PageFailed() {
  const t = useTranslations("ui");
  return (
    <OutsideFrame title={t("pageFailed")} note={t("pageFailedNote")}>
      <div className="flex flex-wrap items-center gap-4">
        <Button kind="primary" onClick={() => window.location.reload()}>
          {t("tryAgain")}
        </Button>
        <Link href="/" className="text-accent underline underline-offset-4">
          {t("toTheStart")}
        </Link>
      </div>
    </OutsideFrame>
  );
}
