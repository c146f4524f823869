"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type FormEvent, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { api, setCsrfToken } from "@/client/api";
import { asProblem, type Problem } from "@/client/problem";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import type { Me } from "./contract";
import { useSession } from "./session";

type Ask = () => Promise<boolean>;

const StepUpContext = createContext<Ask>(async () => false);

/** Asks once more who somebody is when the server wants it, so that the act goes on instead of being refused. */
export function StepUpProvider({ children }: { children: ReactNode }) {
  const t = useTranslations("identity");
  const [open, setOpen] = useState(false);
  const waiting = useRef<((proved: boolean) => void) | null>(null);
  const ask = useCallback<Ask>(() => {
    setOpen(true);
    return new Promise((resolve) => {
      waiting.current = resolve;
    });
  }, []);
  const finish = (proved: boolean) => {
    setOpen(false);
    waiting.current?.(proved);
    waiting.current = null;
  };
  return (
    <StepUpContext.Provider value={ask}>
      {children}
      <Dialog
        open={open}
        onOpenChange={(stays) => !stays && finish(false)}
        title={t("stillYou")}
        description={t("stillYouNote")}
      >
        <StepUpForm onProved={() => finish(true)} />
      </Dialog>
    </StepUpContext.Provider>
  );
}

function StepUpForm({ onProved }: { onProved: () => void }) {
  const t = useTranslations("identity");
  const me = useSession();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const code = form.get("totp_code");
    setBusy(true);
    setProblem(null);
    try {
      const proof = { password: form.get("password"), ...(code && { totp_code: code }) };
      const { csrf_token: token } = await api.post<Me>("/auth/step-up", proof);
      if (token) {
        setCsrfToken(token);
        queries.setQueryData<Me>(["/me", undefined], (known) => known && { ...known, csrf_token: token });
      }
      onProved();
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label={t("password")}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus
      />
      {me.user.totp_enabled && (
        <TextField label={t("code")} name="totp_code" inputMode="numeric" autoComplete="one-time-code" required />
      )}
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        {t("goOn")}
      </Button>
    </form>
  );
}

/** One act of a page: locked while it runs, its refusal kept to show, everything read before asked again after it. */
export function useAction() {
  const queries = useQueryClient();
  const ask = useContext(StepUpContext);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  /** Whether the act was done. A wanted proof is asked for and the act is then repeated once. */
  async function run(act: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setProblem(null);
    try {
      await act().catch(async (error) => {
        if (asProblem(error).code !== "step_up_required" || !(await ask())) throw error;
        await act();
      });
      await queries.invalidateQueries();
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { busy, problem, run, forget: () => setProblem(null) };
}
