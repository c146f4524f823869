"use client";

import { type ReactNode, useState } from "react";
import { useCan } from "@/features/identity/session";
import { CallbackView } from "@/features/providers/callback-view";
import { CallbackState } from "@/features/providers/callbacks-page";
import { deliveryWord } from "@/features/webhooks/delivery-word";
import { Dialog } from "@/ui/dialog";
import { Link } from "@/ui/link";
import { Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Callback, Payment } from "./contract";
import { methodName } from "./payment-steps";

type Line = { key: string; left: ReactNode; right: ReactNode };

/** What went between us, the providers and the tenant's endpoints about one payment. */
export function PaymentTraffic({ payment }: { payment: Payment }) {
  const can = useCan();
  const [opened, setOpened] = useState<string | null>(null);
  return (
    <>
      <Lines
        title="Attempts"
        lines={payment.attempts.map((attempt) => attemptLine(attempt, reasonOf(attempt, payment)))}
      />
      <Lines
        title="Callbacks from the provider"
        lines={payment.callbacks.map((callback) => callbackLine(callback, can("providers:read") ? setOpened : null))}
      />
      <Lines
        title="Events"
        lines={payment.events.map((event) => ({
          key: event.id,
          left: (
            <>
              <span className="figures mr-2 text-soft text-xs">{event.n}</span>
              <Link
                href={`/developers/events/?id=${event.id}`}
                className="font-mono text-xs underline underline-offset-4"
              >
                {event.type}
              </Link>
            </>
          ),
          right: <When at={event.at} />,
        }))}
      />
      <Lines
        title="Webhook deliveries"
        lines={payment.deliveries.map((delivery) => ({
          key: delivery.id,
          left: (
            <Link
              href={`/developers/webhooks/delivery/?id=${delivery.id}`}
              title={delivery.id}
              className="font-mono text-xs underline underline-offset-4"
            >
              {delivery.event_type}
            </Link>
          ),
          right: (
            <span className="inline-flex items-center gap-2">
              {delivery.attempts > 1 && <span className="text-soft text-xs">{delivery.attempts} attempts</span>}
              {delivery.last_status && <span className="figures text-soft">{delivery.last_status}</span>}
              <State state={delivery.state} word={deliveryWord(delivery.state)} />
            </span>
          ),
        }))}
      />
      <Dialog
        open={opened !== null}
        onOpenChange={(open) => !open && setOpened(null)}
        title="Callback from the provider"
        side="end"
      >
        {opened && <CallbackView id={opened} />}
      </Dialog>
    </>
  );
}

function reasonOf(attempt: Payment["attempts"][number], payment: Payment): string | null {
  return payment.routing.find((choice) => choice.attempt_id === attempt.id)?.reason ?? null;
}

function attemptLine(attempt: Payment["attempts"][number], chosen: string | null): Line {
  return {
    key: attempt.id,
    left: (
      <>
        {`${attempt.number}. ${methodName(attempt.method)}${attempt.reason ? ` · ${stateWord(attempt.reason)}` : ""}`}
        {chosen && <p className="text-soft text-xs">Chosen by {chosen}</p>}
      </>
    ),
    right: <State state={attempt.status} />,
  };
}

function callbackLine(callback: Callback, onOpen: ((id: string) => void) | null): Line {
  return {
    key: callback.id,
    left: (
      <>
        {onOpen ? (
          <button type="button" onClick={() => onOpen(callback.id)} className="underline underline-offset-4">
            <When at={callback.received_at} />
          </button>
        ) : (
          <When at={callback.received_at} />
        )}
        {callback.reason && <p className="text-soft text-xs">{stateWord(callback.reason)}</p>}
      </>
    ),
    right: <CallbackState state={callback.state} />,
  };
}

function Lines({ title, lines }: { title: string; lines: Line[] }) {
  if (lines.length === 0) return null;
  return (
    <Sheet title={title} flush>
      <ul className="divide-y divide-rule">
        {lines.map((line) => (
          <li key={line.key} className="flex items-baseline justify-between gap-4 px-4 py-2">
            <div className="min-w-0">{line.left}</div>
            <div className="text-right">{line.right}</div>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
