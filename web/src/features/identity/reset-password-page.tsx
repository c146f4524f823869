"use client";

import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { NewPasswordField } from "./new-password-field";
import { OutsideFrame } from "./outside-frame";
import { useAction } from "./step-up";

/** Sets a password with the token of a mailed link. */
export function ResetPasswordPage() {
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
    <OutsideFrame title="Set a new password" note="Every session ends; a second factor stays on">
      {!token && <p>The address holds no token. Open the link from the e-mail again.</p>}
      {done && <p role="status">The password is set. Log in with it now.</p>}
      {token && !isUsable && <p role="alert">This link has been used or is too old. Ask for a new one.</p>}
      {isUsable && !done && (
        <form onSubmit={submit} className="space-y-4">
          <NewPasswordField label="New password" name="new_password" problem={reset.problem} />
          {reset.problem && <ErrorState problem={reset.problem} />}
          <Button kind="primary" type="submit" busy={reset.busy} className="w-full">
            Set the password
          </Button>
        </form>
      )}
      <p className="mt-4 text-center">
        <Link href={isUsable ? "/login/" : "/forgot-password/"} className="text-accent underline underline-offset-4">
          {isUsable ? "To the log-in" : "Ask for a new link"}
        </Link>
      </p>
    </OutsideFrame>
  );
}
