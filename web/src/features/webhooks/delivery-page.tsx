"use client";

import { RefreshCw } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { HttpStatus } from "@/features/reports/http-status";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { BodyView, JsonView } from "@/ui/json-view";
import { Link } from "@/ui/link";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Delivery, DeliveryAttempt, DeliveryDetail } from "./contract";
import { deliveryWord } from "./delivery-word";

const MOVING = ["pending", "sending"];
const REFRESH_MS = 3_000;

/** One event on its way to one endpoint: what was sent, each attempt with its headers and answer. */
export function DeliveryPage() {
  const id = useSearchParams().get("id");
  const path = id && `/webhook-deliveries/${encodeURIComponent(id)}`;
  const first = useThing<DeliveryDetail>(path);
  const isMoving = first.data !== undefined && MOVING.includes(first.data.delivery.state);
  const detail = useThing<DeliveryDetail>(path, undefined, isMoving ? REFRESH_MS : false);
  if (!id) return <EmptyState title="Which delivery?" why="The address names none. Open one from the list." />;
  if (detail.error) return <ErrorState problem={detail.error} onRetry={() => detail.refetch()} />;
  if (!detail.data) return <Skeleton lines={8} />;
  const { delivery, attempts, body } = detail.data;
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {delivery.event_type}
            <span role="status">
              <State state={delivery.state} word={deliveryWord(delivery.state)} />
            </span>
          </span>
        }
        actions={<Resend delivery={delivery} />}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-6">
          {attempts.length === 0 && <EmptyState title="No attempt yet" why="The first one is made in a moment." />}
          {attempts.map((attempt) => (
            <Attempt key={attempt.number} attempt={attempt} />
          ))}
          <Sheet title="Body that was sent">
            <BodyView text={body} label="Body" />
          </Sheet>
        </div>
        <Sheet title="Details">
          <Facts facts={factsOf(delivery)} />
        </Sheet>
      </div>
    </>
  );
}

function Resend({ delivery }: { delivery: Delivery }) {
  const can = useCan();
  const resend = useAction();
  if (!can("webhooks:write")) return null;
  return (
    <>
      <Button
        icon={<RefreshCw size={14} aria-hidden />}
        busy={resend.busy}
        onClick={() => resend.run(() => api.post(`/webhook-deliveries/${delivery.id}/resend`))}
      >
        Send again
      </Button>
      {resend.problem && (
        <div className="basis-full">
          <ErrorState problem={resend.problem} />
        </div>
      )}
    </>
  );
}

function factsOf(delivery: Delivery): Fact[] {
  const link = "text-accent underline underline-offset-4";
  return [
    [
      "Endpoint",
      <Link key="endpoint" href={`/developers/webhooks/endpoint/?id=${delivery.endpoint_id}`} className={link}>
        Open
      </Link>,
    ],
    [
      "Event",
      delivery.n === null ? (
        "An example"
      ) : (
        <Link key="event" href={`/developers/events/?id=${delivery.event_id}`} className={link}>
          Number {delivery.n}
        </Link>
      ),
    ],
    ["Attempts", delivery.attempts],
    ["Next attempt", <When key="next" at={delivery.next_attempt_at} />],
    ["Made", <When key="made" at={delivery.created_at} />],
    ["Finished", <When key="finished" at={delivery.finished_at} />],
    ["Id", <Id key="id" value={delivery.id} />],
  ];
}

function Attempt({ attempt }: { attempt: DeliveryAttempt }) {
  return (
    <Sheet
      title={`Attempt ${attempt.number}`}
      actions={
        attempt.status_code ? <HttpStatus status={attempt.status_code} /> : <State state="no answer" tone="failed" />
      }
    >
      <p className="mb-3 text-soft text-xs">
        <When at={attempt.started_at} />
        {attempt.latency_ms !== null && <> · {attempt.latency_ms} ms</>}
        {attempt.url && <span className="block [overflow-wrap:anywhere]">{attempt.url}</span>}
      </p>
      {attempt.error && <p className="mb-3 text-failed">{stateWord(attempt.error)}</p>}
      {attempt.request_headers && (
        <details className="mb-2">
          <summary className="mb-2 text-accent underline underline-offset-4">Headers that were sent</summary>
          <JsonView value={attempt.request_headers} label="Headers" />
        </details>
      )}
      {attempt.answer && <BodyView text={attempt.answer} label="Answer" />}
    </Sheet>
  );
}
