import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Capture, Payment, Refund } from "./contract";
import { DisputeSheet } from "./dispute-sheet";

/** What happened to a payment after the money was collected. */
export function PaymentAfter({ payment }: { payment: Payment }) {
  return (
    <>
      {payment.disputes.map((dispute) => (
        <DisputeSheet key={dispute.id} dispute={dispute} />
      ))}
      {payment.captures.length > 0 && (
        <Sheet title="Captures" flush>
          <ul className="divide-y divide-rule">
            {payment.captures.map((capture) => (
              <Line key={capture.id} each={capture} note={capture.final ? "The last one: the rest was let go" : null} />
            ))}
          </ul>
        </Sheet>
      )}
      {payment.refunds.length > 0 && (
        <Sheet title="Refunds" flush>
          <ul className="divide-y divide-rule">
            {payment.refunds.map((refund) => (
              <Line key={refund.id} each={refund} note={originOf(refund)} />
            ))}
          </ul>
        </Sheet>
      )}
    </>
  );
}

function originOf(refund: Refund): string {
  return refund.origin === "provider" ? "Made at the provider, not asked for here" : refund.reason;
}

function Line({ each, note }: { each: Refund | Capture; note: string | null }) {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 py-2">
      <div className="min-w-0">
        <When at={each.created_at} />
        {note && <p className="text-soft">{note}</p>}
        {each.failure && <p className="text-failed">{stateWord(each.failure)}</p>}
      </div>
      <div className="ml-auto flex items-baseline gap-3">
        <State state={each.status} />
        <Money value={each.amount} href="#postings" className="font-medium" />
      </div>
    </li>
  );
}
