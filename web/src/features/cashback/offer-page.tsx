"use client";

import { useSearchParams } from "next/navigation";
import { useList, useThing } from "@/client/queries";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { Wrapped } from "@/ui/wrapped";
import { AccrualState, WhyButton } from "./accrual-parts";
import type { Accrual, Offer } from "./contract";
import { OfferActions } from "./offer-actions";
import { OfferState } from "./offers-page";
import { RewardText } from "./reward-text";

export function OfferPage() {
  const id = useSearchParams().get("id");
  const offer = useThing<Offer>(id ? `/cashback/offers/${encodeURIComponent(id)}` : null);
  if (!id) return <EmptyState title="Which offer?" why="The address names none. Open one from the list." />;
  if (offer.error) return <ErrorState problem={offer.error} onRetry={() => offer.refetch()} />;
  if (!offer.data) return <Skeleton lines={8} />;
  return <OfferView offer={offer.data} />;
}

function OfferView({ offer }: { offer: Offer }) {
  const list = useList<Accrual>("/cashback/accruals", { offer_id: offer.id });
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {offer.name}
            <span role="status">
              <OfferState offer={offer} />
            </span>
          </span>
        }
        note={
          <>
            <RewardText reward={offer.terms.reward} /> cashback
            {offer.merchant_name && ` at ${offer.merchant_name}`}
          </>
        }
        actions={<OfferActions offer={offer} />}
      />
      <div className="mb-6 grid items-start gap-6 lg:grid-cols-2">
        <Sheet title="Budget">
          <Budget offer={offer} />
        </Sheet>
        <Sheet title="Terms">
          <Facts facts={termsOf(offer)} />
        </Sheet>
      </div>
      <Sheet title="Cashback given" flush>
        <DataTable
          name="offer-accruals"
          caption="Cashback this offer gave, the newest first"
          columns={COLUMNS}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title="Nothing given yet"
              why="Each purchase that fits brings its customer cashback out of this budget."
              example="order-1234 · IDR 150,000.00 · gives IDR 7,500.00 · Confirmed"
            />
          }
        />
      </Sheet>
    </>
  );
}

function Budget({ offer }: { offer: Offer }) {
  const paidIn = offer.budget_left.amount + offer.given.amount;
  const share = paidIn > 0 ? Math.round((offer.given.amount / paidIn) * 100) : 0;
  return (
    <>
      <p className="text-soft text-xs">Left to give</p>
      <p className="mt-1 font-medium text-xl">
        <Money value={offer.budget_left} />
      </p>
      <div aria-hidden="true" className="mt-3 h-2 overflow-hidden rounded bg-well">
        <div className="h-full bg-accent" style={{ width: `${share}%` }} />
      </div>
      <p className="mt-1 mb-3 text-soft text-xs">{share}% of what was paid in has been given</p>
      <Facts facts={spentOf(offer)} />
    </>
  );
}

function spentOf(offer: Offer): Fact[] {
  return [
    ["Given, less what came back", <Money key="given" value={offer.given} />],
    ...offer.accruals.map(
      ({ status, number, amount }): Fact => [
        `${status === "paid" ? "Spent" : stateWord(status)} × ${number}`,
        <Money key={status} value={amount} />,
      ],
    ),
  ];
}

const AUDIENCES: Record<string, string> = {
  everyone: "Everyone who buys",
  referred: "Who came by a friend’s code, once",
  referrer: "The friend whose code it was, once",
};

function termsOf(offer: Offer): Fact[] {
  const { terms } = offer;
  const tiers = (terms.reward.tiers ?? []).map(
    (tier, index): Fact => [
      `Tier ${index + 1}`,
      <span key={`tier-${tier.since.amount}`}>
        from <Money value={tier.since} />:{" "}
        <RewardText reward={{ kind: tier.rate ? "percent" : "fixed", rate: tier.rate, amount: tier.amount }} />
      </span>,
    ],
  );
  const caps: [string, Offer["terms"]["cap_user"]][] = [
    ["At most per purchase", terms.cap_purchase],
    ["At most per customer", terms.cap_user],
    ["At most in all", terms.cap_total],
  ];
  return [
    ...tiers,
    ...(terms.minimum && terms.minimum.amount > 0
      ? [["Smallest purchase", <Money key="minimum" value={terms.minimum} />] as Fact]
      : []),
    ...caps.flatMap(([name, cap]): Fact[] => (cap ? [[name, <Money key={name} value={cap} />]] : [])),
    ["From", <When key="from" at={terms.starts_at} />],
    ["Until", terms.ends_at ? <When key="until" at={terms.ends_at} /> : "Open"],
    ["Time to return goods", `${terms.return_days} days`],
    ["Runs out", terms.expiry_days ? `${terms.expiry_days} days after it is available` : "Never"],
    ["For", AUDIENCES[terms.audience ?? "everyone"] ?? "Everyone who buys"],
    ["Beside other offers", terms.stacking === "stackable" ? `Yes, priority ${terms.priority}` : "No, gives alone"],
    ["When spent and returned", terms.clawback === "debt" ? "The customer owes it" : "The offer bears it"],
    ["Paid by", offer.funded_by === "house" ? "The house" : "The merchant"],
    ["Version of the terms", String(offer.rule_version)],
    ["Id", <Id key="id" value={offer.id} />],
  ];
}

const COLUMNS: Column<Accrual>[] = [
  { key: "created", header: "When", file: (row) => row.created_at, cell: (row) => <When at={row.created_at} /> },
  {
    key: "purchase",
    header: "Purchase",
    file: (row) => row.external_id,
    cell: (row) => (row.external_id ? <Wrapped>{row.external_id}</Wrapped> : <Id value={row.purchase_id} />),
  },
  {
    key: "customer",
    header: "Customer",
    file: (row) => row.customer_name ?? row.party_id,
    cell: (row) => row.customer_name ?? <Id value={row.party_id} />,
  },
  { key: "status", header: "State", file: (row) => row.status, cell: (row) => <AccrualState accrual={row} /> },
  {
    key: "paid",
    header: "Paid",
    align: "right",
    file: (row) => row.purchase_amount ?? null,
    cell: (row) => (row.purchase_amount ? <Money value={row.purchase_amount} /> : "—"),
  },
  {
    key: "kept",
    header: "Cashback",
    align: "right",
    file: (row) => row.kept,
    cell: (row) => <Money value={row.kept} className="font-medium" />,
  },
  { key: "why", header: "Why", align: "right", cell: (row) => <WhyButton accrual={row} /> },
];
