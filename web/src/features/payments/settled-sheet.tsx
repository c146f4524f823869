import { causeName, viewOf } from "@/features/settlement/contract";
import { SettlementState } from "@/features/settlement/settlement-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import type { Payment, PaymentSettlement } from "./contract";

/** When a payment's money was paid over to its merchants: its own lines, and what was kept of the whole settlement. */
export function SettledSheet({ payment }: { payment: Payment }) {
  if (payment.settlements.length === 0) return null;
  return (
    <Sheet title="Settled to the merchant" flush>
      <ul className="divide-y divide-rule">
        {payment.settlements.map((settled) => (
          <Settled key={settled.settlement_id} settled={settled} />
        ))}
      </ul>
    </Sheet>
  );
}

function Settled({ settled }: { settled: PaymentSettlement }) {
  return (
    <li className="space-y-2 px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <p className="min-w-0">
          <Link
            href={viewOf(settled.settlement_id)}
            className="figures font-medium text-accent underline underline-offset-4"
          >
            {settled.day}
          </Link>{" "}
          {settled.merchant_name ?? settled.merchant_id}
        </p>
        <div className="ml-auto flex items-baseline gap-3">
          <SettlementState status={settled.status} />
          {settled.payout_id && (
            <Link
              href={`/payouts/view/?id=${settled.payout_id}`}
              className="text-accent underline underline-offset-4"
              aria-label={`Payout of the settlement of ${settled.day}`}
            >
              Payout
            </Link>
          )}
        </div>
      </div>
      <dl className="space-y-1">
        {settled.lines.map((line) => (
          <div key={`${line.entry_id}${line.cause}`} className="flex justify-between gap-4">
            <dt>{causeName(line.cause)}</dt>
            <dd>
              <Money value={line.amount} href={`#${line.entry_id}`} />
            </dd>
          </div>
        ))}
      </dl>
      {settled.taken_from_whole.length > 0 && <Taken settled={settled} />}
    </li>
  );
}

function Taken({ settled }: { settled: PaymentSettlement }) {
  return (
    <div className="text-soft text-xs">
      <p>Taken from the whole settlement, not from this payment alone</p>
      <dl className="mt-1 space-y-1">
        {settled.taken_from_whole.map((line) => (
          <div key={line.cause} className="flex justify-between gap-4">
            <dt>{causeName(line.cause)}</dt>
            <dd>
              <Money value={line.amount} href={`${viewOf(settled.settlement_id)}#lines`} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
