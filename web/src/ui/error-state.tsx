"use client";

import { AlertTriangle } from "lucide-react";
import { useTranslations } from "use-intl";
import type { Problem } from "@/client/problem";
import { useSpokenProblem } from "@/messages/provider";
import type { Say } from "@/messages/words";
import { Button } from "./button";
import { Id } from "./id";

/** Always says whether money moved; the first question anybody has. */
function moneySentence(t: Say<"ui">, moved: boolean | null): string {
  if (moved === true) return t("moved");
  if (moved === false) return t("notMoved");
  return t("movedUnknown");
}

function nextStep(t: Say<"ui">, problem: Problem): string {
  if (problem.status === 403) return t("nextForbidden");
  if (problem.status === 404) return t("nextNotFound");
  if (problem.isWrongProof) return t("nextWrongProof");
  if (problem.status === 401) return t("nextUnauthenticated");
  if (problem.retryable) return t("nextRetry");
  return t("nextCorrect");
}

type Props = { problem: Problem; onRetry?: () => void; isBeforeLogin?: boolean };

/**
 * What happened, whether money moved, what to do, and the request id to give to support.
 * Nobody who is about to log in moves money, and nobody asks.
 */
export function ErrorState({ problem, onRetry, isBeforeLogin = false }: Props) {
  const t = useTranslations("ui");
  const said = useSpokenProblem()(problem);
  return (
    <div role="alert" className="rounded-lg border border-failed/40 bg-failed-back p-4 text-failed">
      <p className="flex items-center gap-2 font-semibold">
        <AlertTriangle size={16} aria-hidden="true" className="shrink-0" />
        {said.title}
      </p>
      {said.detail && <p className="mt-1">{said.detail}</p>}
      {problem.errors.length > 0 && (
        <ul className="mt-1 list-inside list-disc">
          {problem.errors.map((error) => (
            <li key={`${error.pointer}${error.code}`}>
              {error.pointer && <span className="font-mono text-xs">{error.pointer} </span>}
              {error.message}
            </li>
          ))}
        </ul>
      )}
      {!isBeforeLogin && <p className="mt-2 font-medium">{moneySentence(t, problem.moneyMoved)}</p>}
      <p>{nextStep(t, problem)}</p>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        {onRetry && <Button onClick={onRetry}>{t("tryAgain")}</Button>}
        {problem.requestId && (
          <span className="flex items-center gap-2 text-xs">
            {t("request")} <Id value={problem.requestId} />
          </span>
        )}
      </div>
    </div>
  );
}
