"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { OutsideFrame } from "./outside-frame";
import { useAction } from "./step-up";

/** Asks for a reset link. The answer never says whether the address is known. */
export function ForgotPasswordPage() {
  const t = useTranslations("identity");
  const ask = useAction();
  const [sentTo, setSentTo] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email"));
    if (await ask.run(() => api.post("/auth/password/reset-request", { email }))) setSentTo(email);
  }

  return (
    <OutsideFrame title={t("newPasswordTitle")} note={t("resetNote")}>
      {sentTo ? (
        <p role="status">{t("resetSent", { email: sentTo })}</p>
      ) : (
        <form onSubmit={submit} className="space-y-4">
          <TextField label={t("email")} name="email" type="email" autoComplete="username" required />
          {ask.problem && <ErrorState problem={ask.problem} isBeforeLogin />}
          <Button kind="primary" type="submit" busy={ask.busy} className="w-full">
            {t("sendLink")}
          </Button>
        </form>
      )}
      <p className="mt-4 text-center">
        <Link href="/login/" className="text-accent underline underline-offset-4">
          {t("backToLogIn")}
        </Link>
      </p>
    </OutsideFrame>
  );
}
