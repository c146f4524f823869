"use client";

import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import type { Say } from "@/messages/words";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";

type Session = Schemas["SessionOut"];

export function SessionsSheet() {
  const t = useTranslations("account");
  const sessions = useThing<Schemas["SessionsOut"]>("/auth/sessions");
  return (
    <Sheet title={t("sessions")} flush>
      {sessions.error && <ErrorState problem={sessions.error} onRetry={() => sessions.refetch()} />}
      {sessions.isPending && <Skeleton />}
      <ul className="divide-y divide-rule">
        {sessions.data?.data.map((session) => (
          <SessionLine key={session.id} session={session} />
        ))}
      </ul>
    </Sheet>
  );
}

function SessionLine({ session }: { session: Session }) {
  const t = useTranslations("account");
  const end = useAction();
  return (
    <li className="px-4 py-3">
      <div className="flex items-start justify-between gap-4">
        <div className="min-w-0">
          <p className="font-medium [overflow-wrap:anywhere]">{deviceOf(t, session)}</p>
          <p className="text-soft text-xs">
            {t.rich("seen", {
              address: session.address ?? t("unknownAddress"),
              at: () => <When at={session.seen_at} beside />,
            })}
          </p>
          <p className="text-soft text-xs">
            {t.rich("lasts", {
              began: () => <When at={session.created_at} />,
              ends: () => <When at={session.expires_at} />,
            })}
          </p>
        </div>
        {session.current ? (
          <State state="this one" tone="success" />
        ) : (
          <Button busy={end.busy} onClick={() => end.run(() => api.delete(`/auth/sessions/${session.id}`))}>
            {t("end")}
          </Button>
        )}
      </div>
      {end.problem && <ErrorState problem={end.problem} />}
    </li>
  );
}

const BROWSERS = ["Edg", "OPR", "Firefox", "Chrome", "Safari"];
const SYSTEMS = ["Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux"];
const NAMES: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };

/** Browser and system in words; the whole text of a program that is no browser. */
export function deviceOf(t: Say<"account">, { agent, kind }: Pick<Session, "agent" | "kind">): string {
  const known = [BROWSERS, SYSTEMS].map((words) => words.find((word) => agent.includes(word)));
  const [browser, system] = known.map((word) => word && (NAMES[word] ?? word));
  if (browser) return system ? t("browserOn", { browser, system }) : browser;
  return agent || (kind === "token" ? t("anApp") : t("unknownDevice"));
}
