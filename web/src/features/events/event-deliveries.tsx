"use client";

import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import type { Delivery } from "@/features/webhooks/contract";
import { deliveryWord } from "@/features/webhooks/delivery-word";
import { shortId } from "@/ui/id";
import { Link } from "@/ui/link";
import { State } from "@/ui/state";

/** To which endpoints an event went, and what became of it there. */
export function EventDeliveries({ eventId }: { eventId: string }) {
  const can = useCan();
  const list = useList<Delivery>("/webhook-deliveries", { event_id: eventId }, can("webhooks:read"));
  if (list.rows.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 text-sm">Deliveries</h3>
      <ul className="divide-y divide-rule">
        {list.rows.map((row) => (
          <li key={row.id} className="flex items-center justify-between gap-3 py-2">
            <Link
              href={`/developers/webhooks/delivery/?id=${row.id}`}
              title={row.id}
              className="font-mono text-accent text-xs underline underline-offset-4"
            >
              {shortId(row.id)}
            </Link>
            <State state={row.state} word={deliveryWord(row.state)} />
          </li>
        ))}
      </ul>
    </section>
  );
}
