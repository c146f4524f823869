import { viewOf } from "@/features/settlement/contract";
import { readerLocale } from "@/lib/locale";
import { formatMoney } from "@/lib/money";
import { stateWord } from "@/ui/state";
import type { TimelineItem } from "@/ui/timeline";
import type { Payment, PaymentRow, PaymentSettlement, TimelineStep } from "./contract";

const SOON_MS = 3_000;
const LATER_MS = 10_000;
const OPEN = ["created", "pending", "failed"];
const COLLECTED = ["paid", "partly_captured"];
const UNDECIDED = ["created", "pending", "unknown"];
const ON_THE_WAY = ["pending", "sending"];

/** After how many milliseconds a payment is asked about again; false once nothing about it can change any more. */
export function nextLook(payment: Payment): number | false {
  if (OPEN.includes(payment.status)) return SOON_MS;
  if ([...payment.refunds, ...payment.captures].some(({ status }) => UNDECIDED.includes(status))) return SOON_MS;
  const isTold = payment.events.some((event) => event.type === `payment.${payment.status}`);
  const isBeingTold = payment.deliveries.some((each) => ON_THE_WAY.includes(each.state) && each.attempts === 0);
  if (!isTold || isBeingTold) return SOON_MS;
  // Money can still come late for one that has expired or was cancelled.
  return payment.status === "paid" ? false : LATER_MS;
}

/** How a list calls a payment: by its state, unless money went back. */
export function statusOf(payment: Pick<PaymentRow, "status" | "refunded" | "captured" | "disputed">): string {
  if (payment.disputed) return "disputed";
  if (!COLLECTED.includes(payment.status) || payment.refunded.amount === 0) return payment.status;
  return payment.refunded.amount < payment.captured.amount ? "partially_refunded" : "refunded";
}

/** A payment's states and its journal entries as one story, the earliest first. */
export function stepsOf(payment: Payment): TimelineItem[] {
  const own = payment.timeline.filter((step) => step.object === payment.id);
  // What an attempt did to the payment in the same moment is told once, as the payment's own step.
  const others = payment.timeline.filter((step) => step.object !== payment.id && !own.some(({ at }) => at === step.at));
  const states = [...own, ...others].map(
    (step): TimelineItem => ({
      key: `${step.object}${step.at}${step.status}`,
      at: step.at,
      title: titleOf(step, payment),
      detail: step.cause === step.status ? undefined : causeOf(step.cause),
    }),
  );
  const entries = payment.entries.map(
    (entry): TimelineItem => ({
      key: entry.entry_id,
      at: entry.recorded_at,
      title: "Written in the books",
      detail: entry.recipe,
      href: `#${entry.entry_id}`,
    }),
  );
  return [...states, ...entries, ...payment.settlements.map(settledStep)].sort(
    (one, other) => Date.parse(one.at) - Date.parse(other.at),
  );
}

function settledStep(settled: PaymentSettlement): TimelineItem {
  return {
    key: settled.settlement_id,
    at: settled.made_at,
    title: `Settled to ${settled.merchant_name ?? settled.merchant_id}`,
    detail: stateWord(settled.status),
    amount: settled.amount,
    href: viewOf(settled.settlement_id),
  };
}

const METHODS: Record<string, string> = {
  qr: "QR code",
  virtual_account: "Bank transfer",
  ewallet: "E-wallet",
  card: "Card",
};

/** A way to pay as people call it. */
export function methodName(method: string): string {
  return METHODS[method] ?? stateWord(method);
}

// Causes name the method first, as in "virtual_account chosen".
function causeOf(cause: string): string {
  const [first = "", ...rest] = cause.split(" ");
  return METHODS[first] ? [METHODS[first], ...rest].join(" ") : stateWord(cause);
}

function titleOf(step: TimelineStep, payment: Payment): string {
  const attempt = payment.attempts.find(({ id }) => id === step.object);
  const word = stateWord(step.status);
  const refund = payment.refunds.find(({ id }) => id === step.object);
  if (refund) return `Refund of ${formatMoney(refund.amount, readerLocale())}: ${word.toLowerCase()}`;
  const dispute = payment.disputes.find(({ id }) => id === step.object);
  if (dispute) return `Dispute: ${step.status === "created" ? "open" : step.status}`;
  const capture = payment.captures.find(({ id }) => id === step.object);
  if (capture) return `Capture of ${formatMoney(capture.amount, readerLocale())}: ${word.toLowerCase()}`;
  return attempt ? `Attempt ${attempt.number} (${methodName(attempt.method)}): ${word.toLowerCase()}` : word;
}
