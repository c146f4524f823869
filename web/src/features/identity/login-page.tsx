"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api, setCsrfToken } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import { useRememberedLanguage } from "@/features/language/use-choice";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import type { Me } from "./contract";
import { OutsideFrame } from "./outside-frame";
import { safeNext } from "./session";
import { SsoButtons } from "./sso-buttons";

const WANTS_CODE = ["second_factor_required", "second_factor_invalid"];

export function LoginPage() {
  const t = useTranslations("identity");
  const router = useRouter();
  const search = useSearchParams();
  const queries = useQueryClient();
  const remember = useRememberedLanguage();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [wantsCode, setWantsCode] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const code = form.get("totp_code");
    setBusy(true);
    setProblem(null);
    try {
      const me = await api.post<Me>("/auth/login", {
        email: form.get("email"),
        password: form.get("password"),
        ...(code && { totp_code: code }),
      });
      setCsrfToken(me.csrf_token ?? "");
      queries.clear();
      if (me.role === "customer") await remember();
      const next = safeNext(search.get("next"));
      router.replace(me.memberships.length > 1 && next === "/" ? "/choose-tenant/" : next);
    } catch (error) {
      const refused = asProblem(error);
      if (WANTS_CODE.includes(refused.code)) setWantsCode(true);
      setProblem(refused.code === "second_factor_required" ? null : refused);
      setBusy(false);
    }
  }

  return (
    <OutsideFrame title={t("logIn")} note={t("logInNote")}>
      <SsoButtons />
      <form onSubmit={submit} className="space-y-4">
        <TextField label={t("email")} name="email" type="email" autoComplete="username" required />
        <TextField label={t("password")} name="password" type="password" autoComplete="current-password" required />
        {wantsCode && (
          <TextField
            label={t("code")}
            name="totp_code"
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
            required
            hint={t("codeHint")}
          />
        )}
        {problem && <ErrorState problem={problem} isBeforeLogin />}
        <Button kind="primary" type="submit" busy={busy} className="w-full">
          {t("logIn")}
        </Button>
      </form>
      <p className="mt-4 text-center">
        <Link href="/forgot-password/" className="text-accent underline underline-offset-4">
          {t("forgotten")}
        </Link>
      </p>
      <p className="mt-2 text-center text-soft">
        {t("newHere")}{" "}
        <Link href="/register/" className="text-accent underline underline-offset-4">
          {t("openAccount")}
        </Link>
      </p>
    </OutsideFrame>
  );
}
