"use client";

import { useSearchParams } from "next/navigation";
import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { PaymentPostings } from "@/features/payments/payment-postings";
import type { Say } from "@/messages/words";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, useStateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { WideTable } from "@/ui/wide-table";
import { legHref, MEANING, type Purchase, type Refund, TENDERS } from "./contract";
import { CustomerPage } from "./customer-page";
import { PayPurchase } from "./pay-purchase";
import { PurchaseActions } from "./purchase-actions";

const LIVE_MS = 3000;
const DELIVERY = { waiting: "goodsWait", delivered: "goodsLeft" } as const;
const STATES = {
  confirmed: "earnedConfirmed",
  available: "earnedAvailable",
  paid: "earnedPaid",
  expired: "earnedExpired",
  reversed: "earnedReversed",
} as const;

export function PurchasePage() {
  const t = useTranslations("purchases");
  const id = useSearchParams().get("id");
  const path = id ? `/purchases/${encodeURIComponent(id)}` : null;
  const purchase = useThing<Purchase>(path, undefined, LIVE_MS);
  if (!id) return <EmptyState title={t("which")} why={t("whichWhy")} />;
  if (purchase.error) return <ErrorState problem={purchase.error} onRetry={() => purchase.refetch()} />;
  if (!purchase.data) return <Skeleton lines={8} />;
  return <View purchase={purchase.data} />;
}

function View({ purchase }: { purchase: Purchase }) {
  const t = useTranslations("purchases");
  const wordOf = useStateWord();
  const can = useCan();
  const { party_id: party } = useSession();
  const isBuyer = party !== null && party === purchase.customer_id;
  const pays =
    purchase.status === "open" &&
    purchase.customer_id !== null &&
    can("purchases:pay") &&
    party !== purchase.merchant_id;
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {purchase.title}
            <span role="status">
              <State state={purchase.status} />
            </span>
          </span>
        }
        note={
          <>
            <Money value={purchase.amount} /> · {isBuyer ? purchase.merchant_name : MEANING[purchase.status]}
          </>
        }
        actions={<PurchaseActions purchase={purchase} />}
      />
      <div className="grid gap-6 lg:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-6">
          {pays && <PayPurchase purchase={purchase} />}
          {purchase.lines.length > 0 && <GoodsSheet purchase={purchase} linked={can("billing:read")} />}
          {purchase.legs.length > 0 && <Legs purchase={purchase} linked={!isBuyer} />}
          {purchase.refunds.map((refund) => (
            <RefundSheet
              key={refund.id}
              refund={refund}
              lines={purchase.lines}
              isPosted={purchase.entries.length > 0}
            />
          ))}
          {purchase.entries.length > 0 && (
            <PaymentPostings entries={purchase.entries as Parameters<typeof PaymentPostings>[0]["entries"]} />
          )}
        </div>
        <div className="space-y-6">
          <CustomerPage purchase={purchase} />
          <Sheet title={t("details")}>
            <Facts facts={detailsOf(t, purchase)} />
          </Sheet>
          {purchase.earned.length > 0 && (
            <Sheet title={t("earned")}>
              <Facts
                facts={purchase.earned.map(
                  (one): Fact => [
                    one.status in STATES
                      ? t(STATES[one.status as keyof typeof STATES])
                      : wordOf(one.status).toLowerCase(),
                    <Money key={one.id} value={one.kept} />,
                  ],
                )}
              />
            </Sheet>
          )}
        </div>
      </div>
    </>
  );
}

function Legs({ purchase, linked }: { purchase: Purchase; linked: boolean }) {
  const t = useTranslations("purchases");
  const isHeld = purchase.status === "held";
  return (
    <Sheet title={isHeld ? t("setAside") : t("paidBy")} flush>
      <WideTable label={t("tenders")}>
        <table className="w-full">
          <caption className="sr-only">{t("tenderCaption")}</caption>
          <thead>
            <tr className="border-rule border-b text-soft text-xs">
              <th scope="col" className="px-2 sm:px-4 py-2 text-start font-normal">
                {t("tender")}
              </th>
              <th scope="col" className="px-2 sm:px-4 py-2 text-end font-normal">
                {t("givenBack")}
              </th>
              <th scope="col" className="px-2 sm:px-4 py-2 text-end font-normal">
                {t("amount")}
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-rule">
            {purchase.legs.map((leg) => (
              <tr key={leg.n}>
                <th scope="row" className="px-2 sm:px-4 py-2.5 text-start font-normal">
                  {t(TENDERS[leg.kind])}
                  {leg.checkout_url && (
                    <>
                      {" · "}
                      <Link href={leg.checkout_url} className="text-accent underline underline-offset-4">
                        {t("payThisPart")}
                      </Link>
                    </>
                  )}
                </th>
                <td className="px-2 sm:px-4 text-end">
                  {leg.returned.amount > 0 ? <Money value={leg.returned} /> : "—"}
                </td>
                <td className="px-2 sm:px-4 text-end">
                  <Money value={leg.amount} href={linked || leg.order_id ? legHref(leg) : undefined} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr className="border-ink/40 border-t font-medium">
              <th scope="row" className="px-2 sm:px-4 py-2.5 text-start">
                {t("total")}
              </th>
              <td />
              <td className="px-2 sm:px-4 text-end">
                <Money value={purchase.amount} />
              </td>
            </tr>
          </tfoot>
        </table>
      </WideTable>
    </Sheet>
  );
}

function GoodsSheet({ purchase, linked }: { purchase: Purchase; linked: boolean }) {
  const t = useTranslations("purchases");
  const made = purchase.goods;
  return (
    <Sheet title={t("goods")} flush>
      <ul className="divide-y divide-rule">
        {purchase.lines.map((line) => (
          <li key={line.n} className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 py-2.5">
            <span className="min-w-0">
              {line.quantity} × {line.name}
              {line.returned > 0 && (
                <span className="text-soft text-xs"> · {t("cameBack", { count: line.returned })}</span>
              )}
            </span>
            <Money value={line.amount} />
          </li>
        ))}
      </ul>
      {made && (
        <p className="flex flex-wrap items-baseline justify-between gap-x-4 border-rule border-t px-4 py-2.5">
          <span>
            {t("invoice")}{" "}
            {linked ? (
              <Link href={`/invoices/view/?id=${made.invoice_id}`} className="underline underline-offset-4">
                {made.invoice_number}
              </Link>
            ) : (
              made.invoice_number
            )}
          </span>
          {made.delivery !== "none" && <span className="text-soft text-xs">{t(DELIVERY[made.delivery])}</span>}
        </p>
      )}
    </Sheet>
  );
}

type RefundSheetProps = { refund: Refund; lines: Purchase["lines"]; isPosted: boolean };

function RefundSheet({ refund, lines, isPosted }: RefundSheetProps) {
  const t = useTranslations("purchases");
  const names = namesOf(lines);
  return (
    <Sheet title={t("givenBack")}>
      <p className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4">
        <span>{refund.reason || t("noReason")}</span>
        <span className="text-soft text-xs">
          <When at={refund.created_at} />
        </span>
      </p>
      {refund.lines.length > 0 && (
        <p className="mb-2 text-soft">
          {refund.lines.map((line) => `${line.quantity} × ${names.get(line.n)}`).join(", ")}
        </p>
      )}
      <Facts facts={refundFacts(t, refund, names, isPosted)} />
    </Sheet>
  );
}

/** What the lines of a purchase are called, by their number. */
export const namesOf = (lines: Purchase["lines"]) => new Map(lines.map((line) => [line.n, line.name]));

/** Every leg of a refund with its amount, then the total, then the stock and the cashback that it takes back. */
export function refundFacts(t: Say<"purchases">, refund: Refund, names: Map<number, string>, isPosted = false): Fact[] {
  return [
    ...refund.legs.map((leg): Fact => {
      const isDone = leg.status === "done" || leg.status === "succeeded";
      return [
        t(TENDERS[leg.kind]),
        <span key={leg.n} className="flex flex-wrap items-center justify-end gap-2">
          {!isDone && <State state={leg.status} />}
          <Money value={leg.amount} href={isPosted ? `#${leg.entry_id}` : undefined} />
        </span>,
      ];
    }),
    ...(refund.credit_note_id ? [[t("creditNote"), <Money key="note" value={refund.amount} />] as Fact] : []),
    [t("inAll"), <Money key="all" value={refund.amount} className="font-medium" />],
    ...refund.stock.map(
      (one): Fact => [
        t("stockBack", { count: Number(one.quantity), name: names.get(one.n) ?? one.product_id }),
        <Money
          key={`stock-${one.n}`}
          value={one.cost}
          href={isPosted && one.entry_id ? `#${one.entry_id}` : undefined}
        />,
      ],
    ),
    ...(refund.cashback_taken_back.amount > 0
      ? [[t("cashbackTaken"), <Money key="taken" value={refund.cashback_taken_back} />] as Fact]
      : []),
  ];
}

function detailsOf(t: Say<"purchases">, purchase: Purchase): Fact[] {
  return [
    [t("id"), <Id key="id" value={purchase.id} />],
    [t("reference"), purchase.reference],
    [t("merchant"), purchase.merchant_name ?? purchase.merchant_id],
    [t("customer"), purchase.customer_name ?? purchase.customer_id ?? t("anybody")],
    [t("askedFor"), <When key="asked" at={purchase.created_at} />],
    ...(purchase.completed_at ? [[t("completed"), <When key="done" at={purchase.completed_at} />] as Fact] : []),
    ...(purchase.status === "completed"
      ? [[t("mayComeBack"), <Money key="left" value={purchase.returnable} />] as Fact]
      : [[t("payBefore"), <When key="until" at={purchase.expires_at} />] as Fact]),
    ...(purchase.failure ? [[t("lastTime"), purchase.failure.replaceAll("_", " ")] as Fact] : []),
  ];
}
