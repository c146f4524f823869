"use client";

import { useState } from "react";
import { useList, useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { ProductStock } from "@/features/stock/product-stock";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { type Product, type TaxRate, usualPrice } from "./contract";
import { ImportProducts } from "./import-products";
import { NewTaxRate } from "./new-tax-rate";
import { ProductForm } from "./product-form";

const DEFAULTS = { q: "", status: "active", kind: "" };
const KINDS: [string, string][] = [
  ["", "All"],
  ["product", "Products"],
  ["service", "Services"],
];
const STATUSES: [string, string][] = [
  ["active", "In use"],
  ["archived", "Archived"],
];

/** What is sold and bought: found by any word, SKU or barcode, added and changed in one form, taken in from files. */
export function ProductsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const can = useCan();
  const list = useList<Product>("/products", { q: view.q, status: view.status, kind: view.kind });
  const rates = useThing<{ data: TaxRate[] }>("/tax-rates").data?.data ?? [];
  const [open, setOpen] = useState<Product | "new" | null>(null);
  const isNarrowed = view.q !== "" || view.kind !== "" || view.status !== "active";
  return (
    <>
      <PageHeader
        title="Products"
        note="What is sold and bought, at what price, with which taxes"
        actions={
          <>
            <ButtonLink href="/products/prices/">Price lists</ButtonLink>
            {can("catalogue:write") && (
              <>
                <NewTaxRate />
                <ImportProducts />
                <Button kind="primary" onClick={() => setOpen("new")}>
                  New product
                </Button>
              </>
            )}
          </>
        }
      />
      <div className="no-print mb-4 flex flex-wrap items-center gap-3">
        <SearchBox label="Search name, SKU or barcode" value={view.q} onSearch={(q) => change({ q })} />
        <Chips label="Kind" options={KINDS} value={view.kind} onChange={(kind) => change({ kind })} />
        <Chips label="State" options={STATUSES} value={view.status} onChange={(status) => change({ status })} />
      </div>
      <Sheet flush>
        <DataTable
          name="products"
          caption="Products and services by name"
          columns={columnsFor(rates, setOpen)}
          list={list}
          rowKey={(row) => row.id}
          empty={
            <EmptyState
              title={isNarrowed ? "No such product" : "No products yet"}
              why="A product is what a line of an invoice, a bill or a stock movement is of."
              example="Kopi Gayo 1 kg · GAYO-1 · IDR 185,000.00 a bag"
            />
          }
        />
      </Sheet>
      <Dialog
        open={open !== null}
        onOpenChange={(stays) => !stays && setOpen(null)}
        title={open === "new" ? "New product" : (open?.name ?? "")}
        description={open === "new" ? "A price and taxes may follow later" : "Documents that exist keep what they say"}
        side="end"
      >
        {open !== null && open !== "new" && open.kind === "product" && can("stock:read") && (
          <ProductStock productId={open.id} unit={open.unit} />
        )}
        {open !== null && (
          <ProductForm known={open === "new" ? null : open} rates={rates} onDone={() => setOpen(null)} />
        )}
      </Dialog>
    </>
  );
}

function columnsFor(rates: TaxRate[], open: (product: Product) => void): Column<Product>[] {
  const names = new Map(rates.map((rate) => [rate.id, rate.name]));
  return [
    {
      key: "name",
      header: "Name",
      file: (row) => row.name,
      cell: (row) => (
        <button type="button" onClick={() => open(row)} className="text-left font-medium hover:underline">
          {row.name}
        </button>
      ),
    },
    { key: "sku", header: "SKU", file: (row) => row.sku, cell: (row) => <span className="figures">{row.sku}</span> },
    { key: "kind", header: "Kind", file: (row) => row.kind, cell: (row) => <State state={row.kind} tone="neutral" /> },
    {
      key: "barcode",
      header: "Barcode",
      file: (row) => row.barcode ?? "",
      cell: (row) => (row.barcode ? <span className="figures">{row.barcode}</span> : <Nothing />),
    },
    {
      key: "tax",
      header: "Tax",
      file: (row) => row.tax_rate_ids.map((id) => names.get(id)).join(" + "),
      cell: (row) => row.tax_rate_ids.map((id) => names.get(id) ?? "…").join(" + ") || <Nothing />,
    },
    {
      key: "state",
      header: "State",
      hidden: true,
      file: (row) => row.status,
      cell: (row) => <State state={row.status} />,
    },
    {
      key: "changed",
      header: "Changed",
      hidden: true,
      file: (row) => row.updated_at,
      cell: (row) => <When at={row.updated_at} />,
    },
    { key: "id", header: "Id", hidden: true, file: (row) => row.id, cell: (row) => <Id value={row.id} /> },
    {
      key: "price",
      header: "Price",
      align: "right",
      file: (row) => usualPrice(row)?.amount ?? "",
      cell: (row) => <Price product={row} />,
    },
  ];
}

function Price({ product }: { product: Product }) {
  const price = usualPrice(product);
  if (!price) return <Nothing />;
  return (
    <span>
      <Money value={price.amount} className="font-medium" /> <span className="text-soft text-xs">/ {product.unit}</span>
    </span>
  );
}

function Nothing() {
  return <span className="text-soft">—</span>;
}
