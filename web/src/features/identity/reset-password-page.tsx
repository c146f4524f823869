"use client";

import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { NewPasswordField } from "./new-password-field";
import { OutsideFrame } from "./outside-frame";
import { useAction } from "./step-up";

/** Sets a password with the token of a mailed link. */
export function ResetPasswordPage() {
  const t = useTranslations("identity");
  const token = useSearchParams().get("token");
  const reset = useAction();
  const [done, setDone] = useState(false);
  const isUsable = token !== null && reset.problem?.code !== "reset_invalid";

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = { token, new_password: new FormData(event.currentTarget).get("new_password") };
    setDone(await reset.run(() => api.post("/auth/password/reset", body)));
  }

  return (
    <OutsideFrame title={t("newPasswordTitle")} note={t("resetEnds")}>
      {!token && <p>{t("noToken")}</p>}
      {done && <p role="status">{t("passwordSet")}</p>}
      {token && !isUsable && <p role="alert">{t("linkUsed")}</p>}
      {isUsable && !done && (
        <form onSubmit={submit} className="space-y-4">
          <NewPasswordField label={t("newPassword")} name="new_password" problem={reset.problem} />
          {reset.problem && <ErrorState problem={reset.problem} isBeforeLogin />}
          <Button kind="primary" type="submit" busy={reset.busy} className="w-full">
            {t("setPassword")}
          </Button>
        </form>
      )}
      <p className="mt-4 text-center">
        <Link href={isUsable ? "/login/" : "/forgot-password/"} className="text-accent underline underline-offset-4">
          {isUsable ? t("toLogIn") : t("askNewLink")}
        </Link>
      </p>
    </OutsideFrame>
  );
}
