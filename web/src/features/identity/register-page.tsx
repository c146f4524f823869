"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api, setCsrfToken } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import { tell } from "@/features/language/use-choice";
import { useLanguage } from "@/messages/provider";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import type { Me } from "./contract";
import { NewPasswordField } from "./new-password-field";
import { OutsideFrame } from "./outside-frame";

export function RegisterPage() {
  const t = useTranslations("identity");
  const router = useRouter();
  const tenant = useSearchParams().get("tenant");
  const queries = useQueryClient();
  const { language } = useLanguage();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const filled = [...new FormData(event.currentTarget)].filter(([, value]) => value !== "");
    setBusy(true);
    setProblem(null);
    try {
      const me = await api.post<Me>("/auth/register", { ...Object.fromEntries(filled), ...(tenant && { tenant }) });
      queries.clear();
      setCsrfToken(me.csrf_token ?? "");
      if (language !== "en") await tell(language);
      router.replace("/");
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  }

  return (
    <OutsideFrame title={t("openAccount")} note={t("openAccountNote")}>
      <form onSubmit={submit} className="space-y-4">
        <TextField label={t("name")} name="name" autoComplete="name" required error={problem?.messageFor("name")} />
        <TextField
          label={t("email")}
          name="email"
          type="email"
          autoComplete="email"
          required
          error={problem?.messageFor("email")}
        />
        <TextField
          label={t("phone")}
          name="phone"
          type="tel"
          autoComplete="tel"
          hint={t("phoneHint")}
          error={problem?.messageFor("phone")}
        />
        <NewPasswordField label={t("password")} name="password" problem={problem} more={t("passwordIsSentence")} />
        {problem && <ErrorState problem={problem} isBeforeLogin />}
        <Button kind="primary" type="submit" busy={busy} className="w-full">
          {t("openTheAccount")}
        </Button>
      </form>
      <p className="mt-4 text-center text-soft">
        {t("haveOne")}{" "}
        <Link href="/login/" className="text-accent underline underline-offset-4">
          {t("logIn")}
        </Link>
      </p>
    </OutsideFrame>
  );
}
