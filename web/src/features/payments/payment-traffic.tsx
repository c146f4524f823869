import type { ReactNode } from "react";
import { Id } from "@/ui/id";
import { Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Callback, Payment } from "./contract";

type Line = { key: string; left: ReactNode; right: ReactNode };

/** What went between us, the providers and the tenant's endpoints about one payment. */
export function PaymentTraffic({ payment }: { payment: Payment }) {
  return (
    <>
      <Lines title="Attempts" lines={payment.attempts.map(attemptLine)} />
      <Lines title="Callbacks from the provider" lines={payment.callbacks.map(callbackLine)} />
      <Lines
        title="Events"
        lines={payment.events.map((event) => ({
          key: event.id,
          left: (
            <a href={`/developers/events/?id=${event.id}`} className="font-mono text-xs underline underline-offset-4">
              {event.type}
            </a>
          ),
          right: <When at={event.at} />,
        }))}
      />
      <Lines
        title="Webhook deliveries"
        lines={payment.deliveries.map((delivery) => ({
          key: delivery.id,
          left: <Id value={delivery.id} />,
          right: (
            <span className="inline-flex items-center gap-2">
              {delivery.status_code && <span className="figures text-soft">{delivery.status_code}</span>}
              <State state={delivery.state} />
            </span>
          ),
        }))}
      />
    </>
  );
}

function attemptLine(attempt: Payment["attempts"][number]): Line {
  return {
    key: attempt.id,
    left: [attempt.provider, attempt.method, attempt.error_code].filter(Boolean).join(" · "),
    right: <State state={attempt.state} />,
  };
}

function callbackLine(callback: Callback): Line {
  const when = <When at={callback.received_at} />;
  return {
    key: callback.id,
    left: callback.bytes_base64 ? (
      <details>
        <summary>{when}</summary>
        <pre className="mt-2 max-w-full overflow-x-auto whitespace-pre-wrap break-all rounded bg-well p-2 font-mono text-xs">
          {textOf(callback.bytes_base64)}
        </pre>
      </details>
    ) : (
      when
    ),
    right: (
      <span className="inline-flex flex-wrap justify-end gap-1">
        <State state={callback.trust} />
        <State state={callback.state} />
      </span>
    ),
  };
}

function textOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
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
