"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { NewPasswordField } from "./new-password-field";
import { OutsideFrame } from "./outside-frame";

export function RegisterPage() {
  const router = useRouter();
  const tenant = useSearchParams().get("tenant");
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const filled = [...new FormData(event.currentTarget)].filter(([, value]) => value !== "");
    setBusy(true);
    setProblem(null);
    try {
      await api.post("/auth/register", { ...Object.fromEntries(filled), ...(tenant && { tenant }) });
      queries.clear();
      router.replace("/");
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  }

  return (
    <OutsideFrame title="Open an account" note="A wallet is opened with it">
      <form onSubmit={submit} className="space-y-4">
        <TextField label="Name" name="name" autoComplete="name" required error={problem?.messageFor("name")} />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="email"
          required
          error={problem?.messageFor("email")}
        />
        <TextField
          label="Phone"
          name="phone"
          type="tel"
          autoComplete="tel"
          hint="Not required; people can send you money by it"
          error={problem?.messageFor("phone")}
        />
        <NewPasswordField label="Password" name="password" problem={problem} more="a sentence is best" />
        {problem && <ErrorState problem={problem} />}
        <Button kind="primary" type="submit" busy={busy} className="w-full">
          Open the account
        </Button>
      </form>
      <p className="mt-4 text-center text-soft">
        Have one already?{" "}
        <Link href="/login/" className="text-accent underline underline-offset-4">
          Log in
        </Link>
      </p>
    </OutsideFrame>
  );
}
