"use client";

import { useRouter, useSearchParams } from "next/navigation";
import type { FormEvent, ReactNode } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import type { Warehouse } from "@/features/billing/contract";
import type { LineBody } from "@/features/billing/draft";
import { LinesEditor, useLines } from "@/features/billing/lines-editor";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { readerLocale } from "@/lib/locale";
import { allCurrencies, moneyParts, parseMoney } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStored } from "@/ui/stored";
import { type BillDetail, billHref, type OrderDetail, orderHref } from "./contract";
import { LinesTable } from "./lines-table";

/** A new order to a supplier, on one screen. */
export function NewOrderPage() {
  const router = useRouter();
  const act = useAction();
  const post = useKeyedPost();
  const places = useThing<{ data: Warehouse[] }>("/stock/warehouses");

  async function send(said: FormData, lines: LineBody[], currency: string) {
    const body = {
      supplier_id: String(said.get("supplier_id")),
      warehouse_id: String(said.get("warehouse_id")),
      currency,
      lines,
      note: String(said.get("note") ?? ""),
    };
    let made: OrderDetail | undefined;
    const done = await act.run(async () => {
      made = await post<OrderDetail>("/payables/orders", body);
    });
    if (done && made) router.push(orderHref(made));
  }

  return (
    <>
      <PageHeader title="New purchase order" note="Lines that name a product are goods; everything else is a service" />
      <Editor action="Order" act={act} onSend={send}>
        <SelectField label="Comes to" name="warehouse_id" required>
          {(places.data?.data ?? []).map((place) => (
            <option key={place.id} value={place.id}>
              {place.name}
            </option>
          ))}
        </SelectField>
        <TextField label="Note" name="note" maxLength={1000} />
      </Editor>
    </>
  );
}

/** A new bill: of an order as far as it came, or with lines of its own. */
export function NewBillPage() {
  const id = useSearchParams().get("order");
  const order = useThing<OrderDetail>(id ? `/payables/orders/${encodeURIComponent(id)}` : null);
  if (order.error) return <ErrorState problem={order.error} onRetry={() => order.refetch()} />;
  if (id && !order.data) return <Skeleton lines={8} />;
  return (
    <>
      <PageHeader
        title={order.data ? `Bill of ${order.data.number}` : "Record a bill"}
        note={
          order.data
            ? `${order.data.supplier_name ?? "The supplier"} · what it charges is held against the order and what came`
            : "A bill without an order is owed as it is"
        }
      />
      {order.data ? <BillOfOrder order={order.data} /> : <FreeBill />}
    </>
  );
}

function useRecord() {
  const router = useRouter();
  const act = useAction();
  const post = useKeyedPost();
  async function record(body: Record<string, unknown>) {
    let made: BillDetail | undefined;
    const done = await act.run(async () => {
      made = await post<BillDetail>("/payables/bills", body);
    });
    if (done && made) router.push(billHref(made));
  }
  return { act, record };
}

const datesOf = (said: FormData) => ({
  their_number: String(said.get("their_number")),
  billed_on: String(said.get("billed_on")),
  due_on: String(said.get("due_on")),
});

function FreeBill() {
  const { act, record } = useRecord();
  const send = (said: FormData, lines: LineBody[], currency: string) =>
    record({ supplier_id: String(said.get("supplier_id")), currency, lines, ...datesOf(said) });
  return (
    <Editor action="Record bill" act={act} onSend={send}>
      <BillFields />
    </Editor>
  );
}

function BillFields() {
  return (
    <>
      <TextField label="Their number" name="their_number" required maxLength={60} />
      <TextField label="Billed on" name="billed_on" type="date" required />
      <TextField label="Due on" name="due_on" type="date" required />
    </>
  );
}

function BillOfOrder({ order }: { order: OrderDetail }) {
  const { act, record } = useRecord();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    const lines = order.lines.map((line) => lineOf(line, said)).filter((line) => Number(line.quantity) > 0);
    void record({
      supplier_id: order.supplier_id,
      currency: order.total.currency,
      order_id: order.id,
      lines,
      ...datesOf(said),
    });
  };
  return (
    <form onSubmit={submit} className="space-y-6">
      <Sheet>
        <div className="grid gap-4 sm:grid-cols-3">
          <BillFields />
        </div>
      </Sheet>
      <Sheet title="Billed" flush>
        <LinesTable
          name="Lines of the bill"
          lines={order.lines}
          more={[
            { header: "Came", cell: (line) => (line.is_goods ? line.received : "—") },
            { header: "Billed before", cell: (line) => line.billed },
            { header: "Billed now", cell: (line) => <Cell line={line} name="quantity" value={leftOf(line)} /> },
            { header: "Their price", cell: (line) => <Cell line={line} name="price" value={priceOf(line)} /> },
          ]}
        />
      </Sheet>
      {act.problem && <ErrorState problem={act.problem} />}
      <div className="flex justify-end">
        <Button kind="primary" type="submit" busy={act.busy}>
          Record bill
        </Button>
      </div>
    </form>
  );
}

type OrderLine = OrderDetail["lines"][number];

function Cell({ line, name, value }: { line: OrderLine; name: string; value: string }) {
  return (
    <input
      aria-label={`${name === "price" ? "Price" : "Quantity"} of line ${line.n}`}
      name={`${name}-${line.n}`}
      inputMode="decimal"
      defaultValue={value}
      className="figures min-h-10 w-32 rounded-md border border-rule-strong/70 bg-sheet px-2 py-1.5 text-right text-base sm:text-sm"
    />
  );
}

const leftOf = (line: OrderLine) =>
  String(Math.max(Number(line.is_goods ? line.received : line.quantity) - Number(line.billed), 0));

const priceOf = (line: OrderLine) => moneyParts(line.unit_price, readerLocale()).digits;

function lineOf(line: OrderLine, said: FormData) {
  const { currency } = line.unit_price;
  const price = parseMoney(String(said.get(`price-${line.n}`)), currency, readerLocale());
  return {
    description: line.description,
    quantity: String(said.get(`quantity-${line.n}`) ?? "0").replace(",", "."),
    unit: line.unit,
    unit_price: { amount: price ?? line.unit_price.amount, currency },
    discount: line.discount,
    tax_rate_ids: line.taxes.map((tax) => tax.tax_rate_id),
    order_line: line.n,
  };
}

type EditorProps = {
  action: string;
  act: ReturnType<typeof useAction>;
  onSend: (said: FormData, lines: LineBody[], currency: string) => void;
  children: ReactNode;
};

function Editor({ action, act, onSend, children }: EditorProps) {
  const [currency, setCurrency] = useStored("specie.currency", "IDR");
  const { lines, setLines, body } = useLines(currency);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (body) onSend(new FormData(event.currentTarget), body, currency);
  };
  return (
    <form onSubmit={submit} className="space-y-6">
      <Sheet>
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-5">
          <PartyPicker
            label="Supplier"
            name="supplier_id"
            among="supplier"
            required
            error={act.problem?.messageFor("supplier_id")}
          />
          <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
            {allCurrencies().map(({ code }) => (
              <option key={code}>{code}</option>
            ))}
          </SelectField>
          {children}
        </div>
      </Sheet>
      <LinesEditor lines={lines} onChange={setLines} currency={currency} charged={body} />
      {act.problem && <ErrorState problem={act.problem} />}
      <div className="flex justify-end">
        <Button kind="primary" type="submit" busy={act.busy} disabled={!body || body.length === 0}>
          {action}
        </Button>
      </div>
    </form>
  );
}
