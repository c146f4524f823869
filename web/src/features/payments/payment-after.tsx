import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import type { Payment, Refund } from "./contract";

/** What happened to a payment after the money was collected. */
export function PaymentAfter({ payment }: { payment: Payment }) {
  if (payment.refunds.length === 0) return null;
  return (
    <Sheet title="Refunds" flush>
      <ul className="divide-y divide-rule">
        {payment.refunds.map((refund) => (
          <RefundLine key={refund.id} refund={refund} />
        ))}
      </ul>
    </Sheet>
  );
}

function RefundLine({ refund }: { refund: Refund }) {
  const origin = refund.origin === "provider" ? "Made at the provider, not asked for here" : refund.reason;
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 py-2">
      <div className="min-w-0">
        <When at={refund.created_at} />
        {origin && <p className="text-soft">{origin}</p>}
        {refund.failure && <p className="text-failed">{stateWord(refund.failure)}</p>}
      </div>
      <div className="ml-auto flex items-baseline gap-3">
        <State state={refund.status} />
        <Money value={refund.amount} href="#postings" className="font-medium" />
      </div>
    </li>
  );
}
