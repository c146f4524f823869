import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import type { Payment } from "./contract";

type Share = Payment["shares"][number];

/** Who gets what of a payment that several merchants share, and what each has given back of it. */
export function SharesSheet({ payment }: { payment: Payment }) {
  if (payment.shares.length === 0) return null;
  return (
    <Sheet title="Shares" flush>
      <ul className="divide-y divide-rule">
        {payment.shares.map((share) => (
          <li
            key={share.merchant_id ?? "fee"}
            className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 py-2"
          >
            <div className="min-w-0">
              {nameOf(share)}
              {share.merchant_id === payment.merchant_id && <p className="text-soft text-xs">What is left for it</p>}
            </div>
            <div className="ml-auto text-right">
              <Money value={share.amount} href="#postings" className="font-medium" />
              {share.refunded.amount > 0 && (
                <p className="text-soft text-xs">
                  given back <Money value={share.refunded} />
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
      {!payment.paid_at && <p className="px-4 py-2 text-soft text-xs">What is left is known when it has been paid</p>}
    </Sheet>
  );
}

function nameOf(share: Share): string {
  return share.merchant_id === null ? "Platform fee" : (share.merchant_name ?? share.merchant_id);
}
