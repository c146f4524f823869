"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";

type Choices = { data: { name: string; url: string }[] };

const REASONS = {
  unknown_person: "ssoUnknownPerson",
  elsewhere: "ssoElsewhere",
  email: "ssoEmail",
  state: "ssoState",
  expired: "ssoExpired",
  sso_unavailable: "ssoUnavailable",
} as const;

/** Ways to sign in besides a password, where the organisation has set one up, and why the last try failed. */
export function SsoButtons() {
  const t = useTranslations("identity");
  const search = useSearchParams();
  const refused = search.get("sso");
  const choices = useQuery<Choices>({
    queryKey: ["sso", search.get("tenant")],
    queryFn: () => api.get<Choices>("/auth/sso", { tenant: search.get("tenant") }),
    retry: false,
  });
  return (
    <>
      {refused && (
        <p role="alert" className="mb-4 rounded-md bg-failed-back px-3 py-2 text-failed">
          {t(isReason(refused) ? REASONS[refused] : "ssoRefused")}
        </p>
      )}
      {choices.data?.data.map(({ name, url }) => (
        <a
          key={url}
          href={url}
          className="mb-4 flex min-h-9 items-center justify-center rounded-md border border-rule-strong/60 bg-sheet px-3 py-1.5 font-medium text-sm hover:bg-well"
        >
          {name}
        </a>
      ))}
    </>
  );
}

function isReason(text: string): text is keyof typeof REASONS {
  return Object.hasOwn(REASONS, text);
}
