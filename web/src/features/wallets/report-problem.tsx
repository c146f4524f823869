"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Field } from "@/ui/field";
import { When } from "@/ui/when";

type Problem = Schemas["ProblemOut"];
type Props = { walletId: string; entryId: string };

/** What is wrong with a movement, told to the people who run the service; and what they answered. */
export function ReportProblem({ walletId, entryId }: Props) {
  const t = useTranslations("wallets");
  const told = useList<Problem>("/problems", { entry_id: entryId });
  const [isWriting, setWriting] = useState(false);
  const isOpen = told.rows.some((problem) => problem.status === "open");
  return (
    <div className="mt-4 space-y-4">
      {told.error && <ErrorState problem={told.error} onRetry={told.refetch} />}
      {told.rows.map((problem) => (
        <Told key={problem.id} problem={problem} />
      ))}
      {!isOpen && !told.isLoading && !isWriting && (
        <Button onClick={() => setWriting(true)}>{t("reportProblem")}</Button>
      )}
      {isWriting && !isOpen && <ProblemForm walletId={walletId} entryId={entryId} onDone={() => setWriting(false)} />}
    </div>
  );
}

function Told({ problem }: { problem: Problem }) {
  const t = useTranslations("wallets");
  return (
    <section className="rounded-md border border-rule p-3">
      <h3 className="text-soft text-xs">
        {t("problemSaid")} · <When at={problem.created_at} />
      </h3>
      <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{problem.body}</p>
      <h3 className="mt-3 text-soft text-xs">
        {t("problemAnswer")}
        {problem.answered_at && (
          <>
            {" · "}
            <When at={problem.answered_at} />
          </>
        )}
      </h3>
      <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{problem.answer ?? t("problemWaits")}</p>
    </section>
  );
}

function ProblemForm({ walletId, entryId, onDone }: Props & { onDone: () => void }) {
  const t = useTranslations("wallets");
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const said = String(new FormData(event.currentTarget).get("body")).trim();
    if (await act.run(() => api.post("/problems", { wallet_id: walletId, entry_id: entryId, body: said }))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-3">
      <Field label={t("problemText")} hint={t("problemNote")} error={act.problem?.messageFor("body")}>
        {(wiring) => <textarea {...wiring} name="body" rows={4} required minLength={3} maxLength={2000} />}
      </Field>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy}>
        {t("problemSend")}
      </Button>
    </form>
  );
}
