"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { NewPasswordField } from "@/features/identity/new-password-field";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";

export function PasswordSheet() {
  const t = useTranslations("account");
  const change = useAction();
  const [done, setDone] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const typed = new FormData(form);
    const body = { current_password: typed.get("current_password"), new_password: typed.get("new_password") };
    const changed = await change.run(() => api.post("/auth/password", body));
    setDone(changed);
    if (changed) form.reset();
  }

  return (
    <Sheet title={t("password")}>
      <form onSubmit={submit} className="space-y-4">
        <TextField
          label={t("currentPassword")}
          name="current_password"
          type="password"
          autoComplete="current-password"
          required
        />
        <NewPasswordField
          label={t("newPassword")}
          name="new_password"
          problem={change.problem}
          more={t("sessionsEnd")}
        />
        {change.problem && <ErrorState problem={change.problem} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" busy={change.busy}>
            {t("changePassword")}
          </Button>
          {done && <p role="status">{t("passwordChanged")}</p>}
        </div>
      </form>
    </Sheet>
  );
}
