"use client";

import { useList, useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { Actor } from "@/features/names/names";
import { useUrlState } from "@/lib/url-state";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { stateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { Wrapped } from "@/ui/wrapped";
import type { Movement, Warehouse } from "./contract";

const DEFAULTS = { kind: "", product: "", warehouse: "" };
const KINDS: [string, string][] = [
  ["", "All"],
  ["receipt", "Receipts"],
  ["delivery", "Deliveries"],
  ["adjustment", "Adjustments"],
  ["count", "Counts"],
  ["transfer_out", "Transfers"],
];

/** Every change of stock, with its entry in the books and who made it. */
export function MovementsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const can = useCan();
  const warehouses = useThing<{ data: Warehouse[] }>("/stock/warehouses").data?.data ?? [];
  const query = { kind: view.kind, product_id: view.product, warehouse_id: view.warehouse };
  const list = useList<Movement>("/stock/movements", query);
  const name = view.product ? list.rows[0]?.product_name : null;
  return (
    <>
      <PageHeader title={name ? `Movements of ${name}` : "Stock movements"} note="The last recorded first" />
      <div className="no-print mb-4 flex flex-wrap items-center gap-3">
        <Chips label="Kind" options={KINDS} value={view.kind} onChange={(kind) => change({ kind })} />
        {view.product && (
          <Chips
            label="Product"
            options={[["", "Show all products"]]}
            value={view.product}
            onChange={() => change({ product: "", warehouse: "" })}
          />
        )}
      </div>
      <Sheet flush>
        <DataTable
          name="stock-movements"
          caption="Stock movements, the last recorded first"
          columns={columnsFor(warehouses, can("ledger:read"))}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title="No such movements"
              why="Goods that come in, go out, are counted or carried leave a line here."
              example="Delivery · Kopi Gayo 1 kg · −2 · IDR −240,000.00"
            />
          }
        />
      </Sheet>
    </>
  );
}

function columnsFor(warehouses: Warehouse[], hasBooks: boolean): Column<Movement>[] {
  const names = new Map(warehouses.map((each) => [each.id, each.name]));
  return [
    { key: "kind", header: "Kind", file: (row) => row.kind, cell: (row) => stateWord(row.kind) },
    {
      key: "product",
      header: "Product",
      file: (row) => row.product_name ?? row.product_id,
      cell: (row) => <span className="font-medium">{row.product_name}</span>,
    },
    {
      key: "warehouse",
      header: "Warehouse",
      file: (row) => names.get(row.warehouse_id) ?? row.warehouse_id,
      cell: (row) => names.get(row.warehouse_id) ?? "…",
    },
    {
      key: "effective",
      header: "Took effect",
      file: (row) => row.effective_at,
      cell: (row) => <When at={row.effective_at} />,
    },
    {
      key: "recorded",
      header: "Recorded",
      hidden: true,
      file: (row) => row.recorded_at,
      cell: (row) => <When at={row.recorded_at} />,
    },
    {
      key: "actor",
      header: "By",
      hidden: true,
      file: (row) => row.actor,
      cell: (row) => <Actor value={row.actor} />,
    },
    {
      key: "note",
      header: "Note",
      file: (row) => row.note,
      cell: (row) => (row.note ? <Wrapped>{row.note}</Wrapped> : <span className="text-soft">—</span>),
    },
    {
      key: "quantity",
      header: "Change",
      align: "right",
      file: (row) => row.quantity,
      cell: (row) => (
        <span>
          <span className="figures">{row.quantity.replace("-", "\u2212")}</span>{" "}
          <span className="text-soft text-xs">{row.unit}</span>
        </span>
      ),
    },
    {
      key: "on_hand",
      header: "On hand",
      align: "right",
      file: (row) => row.on_hand,
      cell: (row) => <span className="figures">{row.on_hand.replace("-", "\u2212")}</span>,
    },
    {
      key: "value",
      header: "Value",
      align: "right",
      file: (row) => row.value,
      cell: (row) => (
        <Money
          value={row.value}
          href={hasBooks && row.entry_id ? `/ledger/entry/?id=${row.entry_id}` : undefined}
          signed
        />
      ),
    },
  ];
}
