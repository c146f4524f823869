"use client";

import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { api } from "@/client/api";

type Choices = { data: { name: string; url: string }[] };

const REASONS: Record<string, string> = {
  unknown_person: "Nobody here has your address. Ask to be invited.",
  elsewhere: "You belong to other organisations too. Log in with your password.",
  email: "Your address has not been verified there.",
  state: "The sign-in took too long or was begun in another window. Try again.",
  expired: "The sign-in took too long. Try again.",
  sso_unavailable: "Your organisation's sign-in does not answer. Try again, or use your password.",
};

/** Ways to sign in besides a password, where the organisation has set one up, and why the last try failed. */
export function SsoButtons() {
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
          {REASONS[refused] ?? "The sign-in was not accepted. Try again, or use your password."}
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
