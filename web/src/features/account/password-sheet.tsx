"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { NewPasswordField } from "@/features/identity/new-password-field";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";

export function PasswordSheet() {
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
    <Sheet title="Password">
      <form onSubmit={submit} className="space-y-4">
        <TextField
          label="Current password"
          name="current_password"
          type="password"
          autoComplete="current-password"
          required
        />
        <NewPasswordField
          label="New password"
          name="new_password"
          problem={change.problem}
          more="your other sessions end"
        />
        {change.problem && <ErrorState problem={change.problem} />}
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" busy={change.busy}>
            Change the password
          </Button>
          {done && <p role="status">The password is changed; other sessions have ended.</p>}
        </div>
      </form>
    </Sheet>
  );
}
