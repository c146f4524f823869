"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import type { Warehouse } from "@/features/billing/contract";
import { LinesChoice, LinesEditor, useLines } from "@/features/billing/lines-editor";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { allCurrencies } from "@/lib/money";
import { Button } from "@/ui/button";
import { CheckList } from "@/ui/check-list";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { type Purchase, purchaseHref, TENDERS } from "./contract";

const NOBODY = "Whoever signs in on its page and pays";

/** Asks a customer for goods of the catalogue; paying them makes the invoice and moves the stock. */
export function SellGoodsPage() {
  const found = useThing<{ data: Warehouse[] }>("/stock/warehouses");
  return (
    <>
      <PageHeader
        title="Sell goods"
        note="The customer pays by any tenders. In the same moment the invoice is issued and the goods leave the stock."
      />
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {!found.error && !found.data && <Skeleton lines={8} />}
      {found.data && <Fields warehouses={found.data.data} />}
    </>
  );
}

function Fields({ warehouses }: { warehouses: Warehouse[] }) {
  const t = useTranslations("purchases");
  const router = useRouter();
  const act = useAction();
  const post = useKeyedPost();
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const [includesTax, setIncludesTax] = useState(false);
  const [customer, setCustomer] = useState("");
  const { lines, setLines, body: written } = useLines(currency);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const said = (name: string) => String(form.get(name) ?? "");
    const body = {
      ...(said("customer_id") && { customer_id: said("customer_id") }),
      reference: said("reference"),
      title: said("title"),
      goods: {
        currency,
        includes_tax: includesTax,
        lines: written,
        ...(said("warehouse") && { warehouse_id: said("warehouse") }),
      },
      tenders: form.getAll("tenders"),
    };
    await act.run(async () => router.push(purchaseHref(await post<Purchase>("/purchases", body))));
  }

  return (
    <form onSubmit={submit} className="space-y-6">
      <Sheet>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <PartyPicker
            label="Customer"
            name="customer_id"
            among="customer"
            placeholder={NOBODY}
            onChange={setCustomer}
          />
          <TextField label="For" name="title" maxLength={200} required />
          <TextField
            label="Reference"
            name="reference"
            maxLength={60}
            required
            hint="Yours; each is used once"
            error={act.problem?.messageFor("reference")}
          />
          <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
            {allCurrencies().map(({ code }) => (
              <option key={code}>{code}</option>
            ))}
          </SelectField>
          <SelectField label="From" name="warehouse" error={act.problem?.messageFor("goods.warehouse_id")}>
            {warehouses.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
            <option value="">Nothing leaves a warehouse</option>
          </SelectField>
        </div>
      </Sheet>
      <LinesEditor
        lines={lines}
        onChange={setLines}
        currency={currency}
        charged={written}
        includesTax={includesTax}
        customerId={customer}
        actions={<LinesChoice name="Prices include tax" checked={includesTax} onChange={setIncludesTax} />}
      />
      <Sheet>
        <CheckList
          legend="The customer may pay with"
          name="tenders"
          options={Object.entries(TENDERS).map(([kind, name]) => [kind, t(name)])}
          checked={Object.keys(TENDERS)}
        />
      </Sheet>
      {act.problem && <ErrorState problem={act.problem} />}
      <div className="flex justify-end">
        <Button kind="primary" type="submit" busy={act.busy} disabled={written === null || written.length === 0}>
          Ask
        </Button>
      </div>
    </form>
  );
}
