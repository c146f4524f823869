"use client";

import { X } from "lucide-react";
import { readerLocale } from "@/lib/locale";
import { moneyParts, parseMoney } from "@/lib/money";
import { Money } from "@/ui/money";
import { inCurrency, type Product, type TaxRate } from "./contract";
import { type ChangeLines, type DraftLine, withProduct } from "./draft";
import { ProductField } from "./product-field";

const CONTROL =
  "block w-full min-h-10 rounded-md border border-rule-strong/70 bg-sheet px-2 py-1.5 text-base sm:text-sm";
const GRID =
  "grid grid-cols-2 gap-2 sm:grid-cols-[minmax(10rem,1fr)_5.5rem_8.5rem_5rem_8rem_8.5rem_2.25rem] sm:items-center";

type Props = {
  lines: DraftLine[];
  currency: string;
  includesTax: boolean;
  customerId?: string | undefined;
  rates: TaxRate[];
  nets: number[];
  onChange: ChangeLines;
  onNext: () => void;
};

/** The lines of an invoice: Enter goes on to the next one, a product's name fills in the rest. */
export function LineFields({ lines, currency, includesTax, customerId, rates, nets, onChange, onNext }: Props) {
  // From the lines as they are by then: a product that was looked up arrives while somebody goes on typing.
  const rewrite = (key: number, written: (line: DraftLine) => DraftLine) =>
    onChange((now) => now.map((line) => (line.key === key ? written(line) : line)));
  const change = (key: number, part: Partial<DraftLine>) => rewrite(key, (line) => ({ ...line, ...part }));
  const remove = (key: number) => onChange((now) => now.filter((line) => line.key !== key));
  const locale = readerLocale();
  const write = (minor: number) => moneyParts(inCurrency(minor, currency), locale).digits;

  /** A price that stands there when a product's name has been typed was meant for it. */
  const fill = (key: number, product: Product, isTyped: boolean) =>
    rewrite(key, (line) => {
      if (isTyped && ![product.name, product.sku].includes(line.description.trim())) return line;
      const filled = withProduct(line, product, currency, includesTax, customerId, write);
      return isTyped && line.price ? { ...filled, price: line.price } : filled;
    });

  return (
    <div className="space-y-3">
      <div className={`${GRID} max-sm:hidden! text-soft text-xs`} aria-hidden="true">
        <span>Description or product</span>
        <span>Quantity</span>
        <span>Price of one</span>
        <span>Off, %</span>
        <span>Tax</span>
        <span className="text-right">Net</span>
      </div>
      {lines.map((line, index) => {
        const n = index + 1;
        const isWrong = line.price !== "" && parseMoney(line.price, currency, locale) === null;
        return (
          <fieldset
            key={line.key}
            className={GRID}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
              event.preventDefault();
              if (index === lines.length - 1) onNext();
              else document.querySelector<HTMLElement>(`[data-line="${n + 1}"]`)?.focus();
            }}
          >
            <legend className="sr-only">Line {n}</legend>
            <div className="max-sm:col-span-2">
              <ProductField
                label={`Description of line ${n}`}
                line={n}
                className={CONTROL}
                text={line.description}
                isProduct={line.product !== null}
                customerId={customerId}
                onText={(description) => change(line.key, { description, product: null })}
                onProduct={(product, isTyped) => fill(line.key, product, isTyped)}
              />
            </div>
            <input
              aria-label={`Quantity of line ${n}`}
              inputMode="decimal"
              autoComplete="off"
              placeholder="Quantity"
              className={`${CONTROL} figures text-right`}
              value={line.quantity}
              onChange={(event) => change(line.key, { quantity: event.target.value })}
            />
            <input
              aria-label={`Price of line ${n}`}
              aria-invalid={isWrong || undefined}
              inputMode="decimal"
              autoComplete="off"
              placeholder="Price"
              className={`${CONTROL} figures text-right ${isWrong ? "border-failed!" : ""}`}
              value={line.price}
              onChange={(event) => change(line.key, { price: event.target.value })}
            />
            <input
              aria-label={`Discount of line ${n} in per cent`}
              inputMode="decimal"
              autoComplete="off"
              placeholder="Off, %"
              className={`${CONTROL} figures text-right`}
              value={line.discount}
              onChange={(event) => change(line.key, { discount: event.target.value })}
            />
            <select
              aria-label={`Tax of line ${n}`}
              className={CONTROL}
              value={line.taxes.join(",")}
              onChange={(event) => change(line.key, { taxes: event.target.value ? event.target.value.split(",") : [] })}
            >
              <option value="">No tax</option>
              {rates.map((rate) => (
                <option key={rate.id} value={rate.id}>
                  {rate.name}
                </option>
              ))}
              {line.taxes.length > 1 && <option value={line.taxes.join(",")}>Several taxes</option>}
            </select>
            <span className="text-right">
              {nets[index] !== undefined && <Money value={inCurrency(nets[index], currency)} />}
            </span>
            <button
              type="button"
              aria-label={`Remove line ${n}`}
              disabled={lines.length === 1}
              onClick={() => remove(line.key)}
              className="justify-self-end rounded p-2 hover:bg-well disabled:opacity-30"
            >
              <X size={14} aria-hidden="true" />
            </button>
          </fieldset>
        );
      })}
    </div>
  );
}
