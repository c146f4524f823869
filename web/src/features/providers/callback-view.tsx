"use client";

import { RefreshCw } from "lucide-react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { hexLines } from "@/lib/hex";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { BodyView, JsonView, TextView } from "@/ui/json-view";
import { type Fact, Facts } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { CallbackState } from "./callbacks-page";
import type { CallbackDetail } from "./contract";

/** One callback with its exact bytes, its headers and what was understood of it. */
export function CallbackView({ id }: { id: string }) {
  const callback = useThing<CallbackDetail>(`/callbacks/${encodeURIComponent(id)}`);
  if (callback.error) return <ErrorState problem={callback.error} onRetry={() => callback.refetch()} />;
  if (!callback.data) return <Skeleton lines={6} />;
  return (
    <div className="space-y-4">
      <Facts facts={factsOf(callback.data)} />
      <Replay id={id} state={callback.data.state} />
      <h3 className="text-sm">What was understood</h3>
      <JsonView value={callback.data.facts} label="Facts" />
      <Bytes callback={callback.data} />
      {callback.data.headers && (
        <>
          <h3 className="text-sm">Headers</h3>
          <JsonView value={callback.data.headers} label="Headers" />
        </>
      )}
    </div>
  );
}

function factsOf(callback: CallbackDetail): Fact[] {
  return [
    ["State", <CallbackState key="state" state={callback.state} />],
    ["Reason", callback.reason ? stateWord(callback.reason) : "—"],
    ["Received", <When key="received" at={callback.received_at} />],
    ["Processed", <When key="processed" at={callback.processed_at} />],
    ["Tries to understand it", callback.attempts],
    ["Request", `${callback.method} ${callback.path ?? "—"}`],
    ["Id", <Id key="id" value={callback.id} />],
    ["SHA-256", <Id key="sha" value={callback.body_sha256} />],
  ];
}

function Bytes({ callback }: { callback: CallbackDetail }) {
  if (callback.body_base64 === null) return <p className="text-soft">Its bytes have been cleaned away.</p>;
  return (
    <>
      <h3 className="text-sm">Body, {callback.size_bytes} bytes</h3>
      {callback.body_text !== null && <BodyView text={callback.body_text} label="Body" />}
      <details>
        <summary className="mb-2 text-accent underline underline-offset-4">The exact bytes</summary>
        <TextView text={hexLines(callback.body_base64)} label="Bytes" />
      </details>
    </>
  );
}

// Only what found no home may be tried again; the rest has had its effect.
const UNSETTLED = ["dead", "parked"];

function Replay({ id, state }: { id: string; state: string }) {
  const can = useCan();
  const replay = useAction();
  if (!can("providers:write") || !UNSETTLED.includes(state)) return null;
  return (
    <>
      <Button
        icon={<RefreshCw size={14} aria-hidden />}
        busy={replay.busy}
        onClick={() => replay.run(() => api.post(`/callbacks/${encodeURIComponent(id)}/replay`))}
      >
        Try again to understand it
      </Button>
      {replay.problem && <ErrorState problem={replay.problem} />}
    </>
  );
}
