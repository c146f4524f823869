"use client";

import { Bell } from "lucide-react";
import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { Link } from "@/ui/link";

const EVERY_MS = 30_000;
const MOST_SHOWN = 99;

/** The way to one's notices, with how many are unread. */
export function NoticeBell() {
  const t = useTranslations("shell");
  const { data } = useThing<Schemas["UnreadOut"]>("/notices/unread", undefined, EVERY_MS);
  const unread = data?.unread ?? 0;
  return (
    <Link
      href="/inbox/"
      aria-label={unread > 0 ? t("noticesUnread", { count: unread }) : t("notices")}
      className="relative rounded p-2 hover:bg-well"
    >
      <Bell size={16} aria-hidden="true" />
      {unread > 0 && (
        <span
          aria-hidden="true"
          className="figures absolute -top-0.5 -end-0.5 min-w-4 rounded-full bg-accent px-1 text-center font-medium text-[10px] text-accent-ink leading-4"
        >
          {unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}
        </span>
      )}
    </Link>
  );
}
