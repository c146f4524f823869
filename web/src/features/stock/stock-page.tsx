"use client";

import { History } from "lucide-react";
import { useState } from "react";
import { useList, useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { type Level, WAYS, type Warehouse, type Way } from "./contract";
import { MoveForm } from "./move-form";
import { NewWarehouse } from "./new-warehouse";
import { ReorderPoint } from "./reorder-point";
import { StockPolicy } from "./stock-policy";

const DEFAULTS = { q: "", warehouse: "", low: "" };
const LOW: [string, string][] = [
  ["", "All"],
  ["true", "To buy again"],
];

/** What lies where, what is promised, and what the books say it is worth; goods are moved from here. */
export function StockPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const can = useCan();
  const found = useThing<{ data: Warehouse[] }>("/stock/warehouses").data;
  const warehouses = found?.data ?? [];
  const list = useList<Level>("/stock/levels", { q: view.q, warehouse_id: view.warehouse, low: view.low });
  const [way, setWay] = useState<Way | null>(null);
  const isNarrowed = view.q !== "" || view.warehouse !== "" || view.low !== "";
  const ways = (Object.keys(WAYS) as Way[]).filter((each) => each !== "transfer" || warehouses.length > 1);
  return (
    <>
      <PageHeader
        title="Stock"
        note="On hand, promised and available; the value is the books' own balance"
        actions={
          <>
            <ButtonLink href="/stock/movements/" icon={<History size={14} aria-hidden />}>
              Movements
            </ButtonLink>
            {can("stock:manage") && <StockPolicy />}
            {can("stock:manage") && <NewWarehouse isFirst={found !== undefined && warehouses.length === 0} />}
            {can("stock:move") &&
              warehouses.length > 0 &&
              ways.map((each) => (
                <Button key={each} kind={each === "receive" ? "primary" : undefined} onClick={() => setWay(each)}>
                  {WAYS[each].button}
                </Button>
              ))}
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label="Search name, SKU or barcode" value={view.q} onSearch={(q) => change({ q })} />
        <Chips
          label="Warehouse"
          options={[["", "All warehouses"], ...warehouses.map((each): [string, string] => [each.id, each.name])]}
          value={view.warehouse}
          onChange={(warehouse) => change({ warehouse })}
        />
        <Chips label="Level" options={LOW} value={view.low} onChange={(low) => change({ low })} />
      </div>
      <Sheet flush>
        <DataTable
          name="stock"
          caption="Stock by product and warehouse"
          columns={columnsFor(warehouses, can("ledger:read"))}
          list={list}
          rowKey={(row) => `${row.product_id}/${row.warehouse_id}`}
          rowHref={(row) => `/stock/movements/?product=${row.product_id}&warehouse=${row.warehouse_id}`}
          empty={
            <EmptyState
              title={isNarrowed ? "Nothing in stock fits" : "Nothing in stock yet"}
              why="Goods that are received lie in a warehouse at what they cost until they are delivered."
              example="Kopi Gayo 1 kg · 40 bags · IDR 4,800,000.00"
            />
          }
        />
      </Sheet>
      <Dialog
        open={way !== null}
        onOpenChange={(stays) => !stays && setWay(null)}
        title={way ? WAYS[way].title : ""}
        description={way ? WAYS[way].note : undefined}
        side="end"
      >
        {way && <MoveForm way={way} warehouses={warehouses} start={view.warehouse} onDone={() => setWay(null)} />}
      </Dialog>
    </>
  );
}

function columnsFor(warehouses: Warehouse[], hasBooks: boolean): Column<Level>[] {
  const names = new Map(warehouses.map((each) => [each.id, each.name]));
  const figure = (key: "on_hand" | "reserved" | "available", header: string): Column<Level> => ({
    key,
    header,
    align: "right",
    file: (row) => row[key],
    cell: (row) => <Much quantity={row[key]} unit={key === "on_hand" ? row.unit : null} />,
  });
  return [
    {
      key: "product",
      header: "Product",
      file: (row) => row.product_name ?? row.product_id,
      cell: (row) => (
        <Link
          href={`/stock/movements/?product=${row.product_id}&warehouse=${row.warehouse_id}`}
          className="font-medium hover:underline"
        >
          {row.product_name ?? row.product_id}
        </Link>
      ),
    },
    {
      key: "sku",
      header: "SKU",
      file: (row) => row.sku ?? "",
      cell: (row) => <span className="figures">{row.sku}</span>,
    },
    {
      key: "warehouse",
      header: "Warehouse",
      file: (row) => names.get(row.warehouse_id) ?? row.warehouse_id,
      cell: (row) => names.get(row.warehouse_id) ?? "…",
    },
    figure("on_hand", "On hand"),
    figure("reserved", "Reserved"),
    figure("available", "Available"),
    {
      key: "low",
      header: "Buy again at",
      file: (row) => row.reorder_at ?? "",
      cell: (row) => <ReorderPoint level={row} />,
    },
    {
      key: "value",
      header: "Value",
      align: "right",
      file: (row) => row.value,
      cell: (row) => (
        <Money
          value={row.value}
          href={hasBooks ? `/ledger/account/?id=${row.account_id}` : undefined}
          className="font-medium"
        />
      ),
    },
  ];
}

function Much({ quantity, unit }: { quantity: string; unit: string | null }) {
  const isBelow = quantity.startsWith("-");
  return (
    <span className={isBelow ? "text-failed" : undefined}>
      <span className="figures">{quantity.replace("-", "\u2212")}</span>
      {unit && <span className="text-soft text-xs"> {unit}</span>}
    </span>
  );
}
