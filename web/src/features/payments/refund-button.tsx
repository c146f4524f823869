"use client";

import { waitingFacts } from "@/features/approvals/waiting";
import { useCan } from "@/features/identity/session";
import { shortCode } from "@/ui/id";
import { Money } from "@/ui/money";
import type { Fact } from "@/ui/sheet";
import type { Payment, RefundAsked, RefundPreview } from "./contract";
import { GiveBack, type Shown } from "./give-back";

type Preview = RefundPreview | RefundAsked;

/** Gives a payment's money back, by the way it came. */
export function RefundButton({ payment }: { payment: Payment }) {
  const can = useCan();
  if (!can("payments:manage") || payment.disputed || payment.refundable.amount === 0) return null;
  return (
    <GiveBack<Preview>
      action="Refund"
      title="Refund this payment"
      path={`/payments/${encodeURIComponent(payment.id)}/refunds`}
      most={payment.refundable}
      intro={
        <>
          Up to <Money value={payment.refundable} className="font-medium text-ink" /> can go back
        </>
      }
      hint="For your own records"
      shown={(preview) => (isAsked(preview) ? asked(preview, payment) : immediate(preview, payment))}
    />
  );
}

function isAsked(preview: Preview): preview is RefundAsked {
  return preview.status === "needs_approval";
}

function immediate(preview: RefundPreview, payment: Payment): Shown {
  return {
    amount: preview.amount,
    facts: factsOf(preview, payment),
    balances: [{ name: "May still be refunded", before: payment.refundable, after: preview.refundable_after }],
    confirmLabel: "Refund now",
  };
}

function asked(preview: RefundAsked, payment: Payment): Shown {
  return {
    amount: preview.amount ?? payment.refundable,
    facts: waitingFacts(preview.expires_at),
    balances: [],
    confirmLabel: "Ask a second person",
  };
}

/** Who pays for it: each posting of real money, from the account it leaves; the merchant's own by name. */
function factsOf(preview: RefundPreview, { merchant_id: merchant, merchant_name: name }: Payment): Fact[] {
  return preview.postings
    .filter((posting) => !posting.debit_code?.startsWith("memo:"))
    .map((posting) => {
      const code = posting.debit_code ?? posting.debit_account;
      const readable = name ? code.replace(merchant, name) : code;
      return [`From ${shortCode(readable)}`, <Money key={code} value={posting.amount} />];
    });
}
