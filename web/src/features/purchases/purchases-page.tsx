"use client";

import { useTranslations } from "use-intl";
import { useList } from "@/client/queries";
import { useCan, useSession } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import type { Say } from "@/messages/words";
import { ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { type PurchaseRow, purchaseHref } from "./contract";
import { NewPurchase } from "./new-purchase";

const DEFAULTS = { status: "" };
const SHOWS = [
  ["", "all"],
  ["open", "open"],
  ["held", "setAside"],
  ["completed", "completed"],
  ["cancelled", "cancelled"],
  ["expired", "expired"],
] as const;

function columns(t: Say<"purchases">, isCustomer: boolean): Column<PurchaseRow>[] {
  return [
    {
      key: "what",
      header: t("for"),
      file: (row) => row.title,
      cell: (row) => <span className="font-medium">{row.title}</span>,
    },
    {
      key: "who",
      header: isCustomer ? t("shop") : t("customer"),
      file: (row) => (isCustomer ? row.merchant_name : row.customer_name) ?? "",
      cell: (row) => (isCustomer ? row.merchant_name : row.customer_name) ?? "—",
    },
    { key: "state", header: t("state"), file: (row) => row.status, cell: (row) => <State state={row.status} /> },
    {
      key: "when",
      header: t("when"),
      file: (row) => row.completed_at ?? row.created_at,
      cell: (row) => <When at={row.completed_at ?? row.created_at} />,
    },
    {
      key: "amount",
      header: t("amount"),
      file: (row) => row.amount,
      align: "right",
      cell: (row) => <Money value={row.amount} href={purchaseHref(row)} className="font-medium" />,
    },
  ];
}

/** What was bought or sold, each paid by several tenders at once. */
export function PurchasesPage() {
  const t = useTranslations("purchases");
  const can = useCan();
  const { role, party_id: party } = useSession();
  const isCustomer = role === "customer";
  // The business itself sells its catalogue, and no merchant does.
  const sellsGoods = party === null && can("catalogue:read") && can("stock:read");
  const [view, change] = useUrlState(DEFAULTS);
  const list = useList<PurchaseRow>("/purchases", { status: view.status });
  return (
    <>
      <PageHeader
        title={t("title")}
        note={isCustomer ? t("customerNote") : t("staffNote")}
        actions={
          can("purchases:write") && (
            <>
              {sellsGoods && <ButtonLink href="/purchases/goods/">Sell goods</ButtonLink>}
              <NewPurchase />
            </>
          )
        }
      />
      <div className="no-print mb-4">
        <Chips
          label={t("show")}
          options={SHOWS.map(([value, name]) => [value, t(name)])}
          value={view.status}
          onChange={(status) => change({ status })}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="purchases"
          caption={t("caption")}
          columns={columns(t, isCustomer)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={purchaseHref}
          empty={
            <EmptyState title={view.status ? t("noneFits") : t("none")} why={t("noneWhy")} example={t("noneExample")} />
          }
        />
      </Sheet>
    </>
  );
}
