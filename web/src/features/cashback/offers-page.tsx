"use client";

import { BadgeCheck, Plus } from "lucide-react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Merchant, Offer } from "./contract";
import { RewardText } from "./reward-text";

const DEFAULTS = { status: "" };
const STATUSES: [string, string][] = [
  ["", "All"],
  ["draft", "Draft"],
  ["active", "Active"],
  ["paused", "Paused"],
  ["ended", "Ended"],
];

const viewOf = (row: Offer) => `/offers/view/?id=${row.id}`;

const MERCHANT: Column<Offer> = {
  key: "merchant",
  header: "Merchant",
  file: (row) => row.merchant_name ?? row.merchant_id,
  cell: (row) => row.merchant_name ?? <Id value={row.merchant_id} />,
};

const COLUMNS: Column<Offer>[] = [
  {
    key: "name",
    header: "Offer",
    file: (row) => row.name,
    cell: (row) => (
      <Link href={viewOf(row)} className="font-medium hover:underline">
        {row.name}
      </Link>
    ),
  },
  MERCHANT,
  { key: "reward", header: "Gives", cell: (row) => <RewardText reward={row.terms.reward} /> },
  { key: "status", header: "State", file: (row) => row.status, cell: (row) => <OfferState offer={row} /> },
  {
    key: "given",
    header: "Given",
    align: "right",
    file: (row) => row.given,
    cell: (row) => <Money value={row.given} href={viewOf(row)} />,
  },
  {
    key: "budget",
    header: "Budget left",
    align: "right",
    file: (row) => row.budget_left,
    cell: (row) => <Money value={row.budget_left} href={viewOf(row)} className="font-medium" />,
  },
  { key: "ends", header: "Ends", file: (row) => row.terms.ends_at ?? null, cell: (row) => <Ends offer={row} /> },
  { key: "id", header: "Id", file: (row) => row.id, cell: (row) => <Id value={row.id} />, hidden: true },
];

/** An offer's state; an active one without money gives nothing, and says so. */
export function OfferState({ offer }: { offer: Offer }) {
  if (offer.status === "active" && offer.budget_left.amount === 0) {
    return <State state="active" tone="review" word="Budget is empty" />;
  }
  return <State state={offer.status} />;
}

function Ends({ offer }: { offer: Offer }) {
  return offer.terms.ends_at ? <When at={offer.terms.ends_at} /> : <span className="text-soft">Open</span>;
}

/** The offers of a merchant, or of all of them: what they give, what that has cost and what is left. */
export function OffersPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const { party_id: own } = useSession();
  const can = useCan();
  const merchants = useList<Merchant>("/cashback/merchants", {}, own !== null);
  const list = useList<Offer>("/cashback/offers", { status: view.status });
  const [me] = merchants.rows;
  const mayOffer = can("cashback:write") && (own === null || me !== undefined);
  return (
    <>
      <PageHeader
        title="Offers"
        note="Cashback for customers, out of money paid in before: no offer can cost more than its budget"
        actions={
          <>
            {can("cashback:manage") && (
              <ButtonLink href="/offers/merchants/" icon={<BadgeCheck size={14} aria-hidden />}>
                Merchants
              </ButtonLink>
            )}
            {mayOffer && (
              <ButtonLink href="/offers/new/" kind="primary" icon={<Plus size={14} aria-hidden />}>
                New offer
              </ButtonLink>
            )}
          </>
        }
      />
      {own !== null && !merchants.isLoading && <Activation merchant={me} />}
      <div className="no-print mb-4">
        <Chips label="State" options={STATUSES} value={view.status} onChange={(status) => change({ status })} />
      </div>
      <Sheet flush>
        <DataTable
          name="offers"
          caption="Offers, the newest first"
          columns={own === null ? COLUMNS : COLUMNS.filter((column) => column !== MERCHANT)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={viewOf}
          empty={
            <EmptyState
              title={view.status ? "No offer in this state" : "No offers yet"}
              why="An offer gives customers a part of what they pay. Its budget is paid in first."
              example="Weekend coffee · 5% · Active · IDR 1,250,000.00 left"
            />
          }
        />
      </Sheet>
    </>
  );
}

/** Where a merchant stands on its way to offering cashback; nothing once it may. */
function Activation({ merchant }: { merchant: Merchant | undefined }) {
  const apply = useAction();
  if (merchant?.status === "active") return null;
  return (
    <Sheet className="mb-6">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <p className="font-medium">{merchant ? activationTitle(merchant) : "Offer cashback to your customers"}</p>
          <p className="text-soft">{activationNote(merchant)}</p>
        </div>
        {merchant ? (
          <State state={merchant.status === "applied" ? "in_review" : "suspended"} />
        ) : (
          <Button kind="primary" busy={apply.busy} onClick={() => apply.run(() => api.post("/cashback/merchants", {}))}>
            Apply
          </Button>
        )}
      </div>
      {apply.problem && <ErrorState problem={apply.problem} />}
    </Sheet>
  );
}

function activationTitle(merchant: Merchant): string {
  return merchant.status === "applied" ? "Your application is being looked at" : "Your offers are suspended";
}

function activationNote(merchant: Merchant | undefined): string {
  if (!merchant) return "Every merchant is checked once before its first offer starts.";
  if (merchant.status === "suspended") return merchant.reason;
  if (!merchant.is_verified) return "Your identity has to be verified first. You can draft offers meanwhile.";
  return "You can draft offers meanwhile; they start once you are activated.";
}
