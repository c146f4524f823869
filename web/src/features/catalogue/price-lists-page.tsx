"use client";

import { useState } from "react";
import { useList, useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useUrlState } from "@/lib/url-state";
import { Button, ButtonLink } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { SearchBox } from "@/ui/search-box";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { type PriceList, type PriceLists, type Product, priceIn } from "./contract";
import { NewPriceList } from "./new-price-list";
import { PriceForm } from "./price-form";
import { ArchivedPriceLists, PriceListSettings } from "./price-list-settings";

const DEFAULTS = { list: "", q: "" };

/** What products cost by each price list; a customer buys by the standard one or by another that is named for it. */
export function PriceListsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const can = useCan();
  const found = useThing<PriceLists>("/price-lists");
  const lists = found.data?.data ?? [];
  const chosen = lists.find(({ id }) => id === view.list) ?? lists[0];
  return (
    <>
      <PageHeader
        title="Price lists"
        note="What a product costs for whom; by which list a customer buys is said on the customer’s page"
        actions={
          <>
            <ButtonLink href="/products/">Products</ButtonLink>
            {can("catalogue:write") && found.data && (
              <NewPriceList lists={lists} onAdded={(list) => change({ list, q: "" })} />
            )}
          </>
        }
      />
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {!found.error && !found.data && <Skeleton lines={8} />}
      {found.data && !chosen && (
        <EmptyState
          title="No price lists yet"
          why="The first price of a product makes the standard list of its currency; add another for those who pay otherwise."
          example="Wholesale · IDR · Kopi Gayo 1 kg at IDR 160,000.00 instead of IDR 185,000.00"
        />
      )}
      {chosen && (
        <>
          <div className="no-print mb-4 flex flex-wrap items-end gap-3">
            <SelectField
              label="Price list"
              value={chosen.id}
              onChange={(event) => change({ list: event.target.value })}
            >
              {lists.map((list) => (
                <option key={list.id} value={list.id}>
                  {titleOf(list)}
                </option>
              ))}
            </SelectField>
            <SearchBox label="Search name, SKU or barcode" value={view.q} onSearch={(q) => change({ q })} />
            {can("catalogue:write") && <PriceListSettings key={chosen.id} list={chosen} />}
          </div>
          <Prices list={chosen} q={view.q} />
        </>
      )}
      {can("catalogue:write") && <ArchivedPriceLists />}
    </>
  );
}

const titleOf = ({ name, currency, tax_inclusive, is_default }: PriceList) =>
  [name, currency, tax_inclusive && "with tax", is_default && "standard"].filter(Boolean).join(" · ");

function Prices({ list, q }: { list: PriceList; q: string }) {
  const can = useCan();
  const products = useList<Product>("/products", { q, status: "active" });
  const [opened, open] = useState<Product | null>(null);
  return (
    <Sheet flush>
      <DataTable
        name="prices"
        caption={`Products and their prices by ${list.name}`}
        columns={columnsFor(list, can("catalogue:write") ? open : null)}
        list={products}
        rowKey={(row) => row.id}
        empty={
          <EmptyState
            title={q ? "No such product" : "No products yet"}
            why="Every product in use is listed here, with its price by this list where it has one."
            example="Kopi Gayo 1 kg · GAYO-1 · IDR 160,000.00 a bag"
          />
        }
      />
      <Dialog
        open={opened !== null}
        onOpenChange={(stays) => !stays && open(null)}
        title={opened?.name ?? ""}
        description={`Its price by ${titleOf(list)}; documents that exist keep theirs`}
      >
        {opened && <PriceForm product={opened} list={list} onDone={() => open(null)} />}
      </Dialog>
    </Sheet>
  );
}

function columnsFor(list: PriceList, open: ((product: Product) => void) | null): Column<Product>[] {
  const standard: Column<Product> = {
    key: "standard",
    header: "Standard",
    align: "right",
    file: (row) => standardIn(row, list)?.amount ?? "",
    cell: (row) => <Price price={standardIn(row, list)} unit={row.unit} />,
  };
  return [
    { key: "name", header: "Name", file: (row) => row.name, cell: (row) => row.name },
    { key: "sku", header: "SKU", file: (row) => row.sku, cell: (row) => <span className="figures">{row.sku}</span> },
    ...(list.is_default ? [] : [standard]),
    {
      key: "price",
      header: list.name,
      align: "right",
      file: (row) => priceIn(row, list.id)?.amount ?? "",
      cell: (row) => <Price price={priceIn(row, list.id)} unit={row.unit} />,
    },
    ...(open ? [changes(list, open)] : []),
  ];
}

function changes(list: PriceList, open: (product: Product) => void): Column<Product> {
  return {
    key: "change",
    header: "Change",
    align: "right",
    cell: (row) => (
      <Button kind="quiet" onClick={() => open(row)}>
        {priceIn(row, list.id) ? "Change" : "Set a price"}
        <span className="sr-only">{` of ${row.name}`}</span>
      </Button>
    ),
  };
}

const standardIn = (product: Product, { currency }: PriceList) =>
  product.prices.find(({ price_list }) => price_list.is_default && price_list.currency === currency);

function Price({ price, unit }: { price: Product["prices"][number] | undefined; unit: string }) {
  if (!price) return <span className="text-soft">—</span>;
  return (
    <span className="whitespace-nowrap">
      <Money value={price.amount} /> <span className="text-soft text-xs">/ {unit}</span>
    </span>
  );
}
