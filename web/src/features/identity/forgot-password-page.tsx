"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { OutsideFrame } from "./outside-frame";
import { useAction } from "./step-up";

/** Asks for a reset link. The answer never says whether the address is known. */
export function ForgotPasswordPage() {
  const ask = useAction();
  const [sentTo, setSentTo] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email"));
    if (await ask.run(() => api.post("/auth/password/reset-request", { email }))) setSentTo(email);
  }

  return (
    <OutsideFrame title="Set a new password" note="We send a link to your e-mail address">
      {sentTo ? (
        <p role="status">If {sentTo} has an account, a link is on its way. It works once, for a short time.</p>
      ) : (
        <form onSubmit={submit} className="space-y-4">
          <TextField label="E-mail" name="email" type="email" autoComplete="username" required />
          {ask.problem && <ErrorState problem={ask.problem} />}
          <Button kind="primary" type="submit" busy={ask.busy} className="w-full">
            Send the link
          </Button>
        </form>
      )}
      <p className="mt-4 text-center">
        <Link href="/login/" className="text-accent underline underline-offset-4">
          Back to the log-in
        </Link>
      </p>
    </OutsideFrame>
  );
}
