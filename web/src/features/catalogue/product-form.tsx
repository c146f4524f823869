"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { type Product, type TaxRate, usualPrice } from "./contract";

type Props = { known: Product | null; rates: TaxRate[]; onDone: () => void };

/** A product or service, all that is said of it. */
export function ProductForm({ known, rates, onDone }: Props) {
  const act = useAction();
  const can = useCan();
  const price = known ? usualPrice(known) : null;
  const [currency, setCurrency] = useState(price?.amount.currency ?? "IDR");
  const [minor, setMinor] = useState<number | null>(price?.amount.amount ?? null);
  const [taxes, setTaxes] = useState<string[]>(known?.tax_rate_ids ?? []);
  const messageFor = (field: string) => act.problem?.messageFor(field);

  /** The field of another currency begins empty, and minor units of one are no amount of another. */
  function chooseCurrency(code: string) {
    setCurrency(code);
    setMinor(price?.amount.currency === code ? price.amount.amount : null);
  }

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    const body = {
      kind: text("kind"),
      name: text("name"),
      sku: text("sku"),
      unit: text("unit"),
      barcode: text("barcode") || null,
      description: text("description"),
      tax_rate_ids: taxes,
      price: minor === null ? null : { amount: minor, currency },
    };
    const save = () =>
      known ? api.put(`/products/${known.id}`, { ...body, version: known.version }) : api.post("/products", body);
    if (await act.run(save)) onDone();
  }

  async function move() {
    const way = known?.status === "active" ? "archive" : "restore";
    if (known && (await act.run(() => api.post(`/products/${known.id}/${way}`)))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label="Name"
        name="name"
        required
        maxLength={200}
        defaultValue={known?.name}
        error={messageFor("name")}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="SKU" name="sku" required maxLength={60} defaultValue={known?.sku} error={messageFor("sku")} />
        <TextField
          label="Barcode"
          name="barcode"
          maxLength={48}
          defaultValue={known?.barcode ?? ""}
          error={messageFor("barcode")}
          hint="Scan it here"
        />
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Kind" name="kind" defaultValue={known?.kind ?? "product"}>
          <option value="product">Product, kept in stock</option>
          <option value="service">Service</option>
        </SelectField>
        <TextField label="Unit" name="unit" required maxLength={20} defaultValue={known?.unit ?? "pcs"} />
      </div>
      <div className="grid gap-4 sm:grid-cols-[7rem_1fr]">
        <SelectField label="Currency" value={currency} onChange={(event) => chooseCurrency(event.target.value)}>
          {allCurrencies().map(({ code }) => (
            <option key={code}>{code}</option>
          ))}
        </SelectField>
        <MoneyInput
          key={currency}
          label="Price for one unit"
          currency={currency}
          initial={price?.amount.currency === currency ? price.amount.amount : 0}
          onChange={setMinor}
          error={messageFor("price")}
          hint="Before tax, unless the price list says otherwise"
        />
      </div>
      <Taxes rates={rates} chosen={taxes} onChange={setTaxes} />
      <TextField label="Description" name="description" maxLength={2000} defaultValue={known?.description} />
      {act.problem && <ErrorState problem={act.problem} />}
      {can("catalogue:write") && (
        <div className="flex flex-wrap gap-2">
          <Button kind="primary" type="submit" busy={act.busy} className="flex-1">
            {known ? "Save" : "Add the product"}
          </Button>
          {known && (
            <Button busy={act.busy} onClick={() => void move()}>
              {known.status === "active" ? "Archive" : "Use again"}
            </Button>
          )}
        </div>
      )}
    </form>
  );
}

type TaxesProps = { rates: TaxRate[]; chosen: string[]; onChange: (ids: string[]) => void };

function Taxes({ rates, chosen, onChange }: TaxesProps) {
  const offered = rates.filter((rate) => rate.status === "active" || chosen.includes(rate.id));
  if (offered.length === 0) return null;
  const toggle = (id: string) => onChange(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  return (
    <fieldset className="space-y-1">
      <legend className="font-medium text-sm">Taxes on a new line</legend>
      {offered.map((rate) => (
        <label key={rate.id} className="flex min-h-8 items-center gap-2 text-sm">
          <input type="checkbox" checked={chosen.includes(rate.id)} onChange={() => toggle(rate.id)} />
          {rate.name} <span className="figures text-soft">{rate.percent} %</span>
        </label>
      ))}
    </fieldset>
  );
}
