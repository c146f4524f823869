"use client";

import { AlertTriangle } from "lucide-react";
import type { Problem } from "@/client/problem";
import { Button } from "./button";
import { Id } from "./id";

/** Always says whether money moved; the first question anybody has. */
export function moneySentence(moved: boolean | null): string {
  if (moved === true) return "Money was moved.";
  if (moved === false) return "No money was moved.";
  return "We do not know yet whether money was moved. Trying again is safe: it can never be taken twice.";
}

export function nextStep(problem: Problem): string {
  if (problem.status === 403) return "Ask an owner of this organisation for the permission.";
  if (problem.status === 404) return "Check the address, or look for it in the list.";
  if (problem.isWrongProof) return "Type it again.";
  if (problem.status === 401) return "Log in and try again.";
  if (problem.retryable) return "Try again in a moment.";
  return "Correct what is named above and try again.";
}

/** What happened, whether money moved, what to do, and the request id to give to support. */
export function ErrorState({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div role="alert" className="rounded-lg border border-failed/40 bg-failed-back p-4 text-failed">
      <p className="flex items-center gap-2 font-semibold">
        <AlertTriangle size={16} aria-hidden="true" className="shrink-0" />
        {problem.title}
      </p>
      {problem.detail && <p className="mt-1">{problem.detail}</p>}
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
      <p className="mt-2 font-medium">{moneySentence(problem.moneyMoved)}</p>
      <p>{nextStep(problem)}</p>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        {onRetry && <Button onClick={onRetry}>Try again</Button>}
        {problem.requestId && (
          <span className="flex items-center gap-2 text-xs">
            Request <Id value={problem.requestId} />
          </span>
        )}
      </div>
    </div>
  );
}
