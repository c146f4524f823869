"use client";

import { type FormEvent, type ReactNode, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import type { Warehouse } from "@/features/billing/contract";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import type { OrderLine, SalesOrderDetail } from "./contract";

/** What can be done with an order now. */
export function OrderActions({ order }: { order: SalesOrderDetail }) {
  const can = useCan();
  const goods = order.lines.filter((line) => line.to_deliver !== "0");
  const charges = order.lines.filter((line) => line.to_invoice !== "0");
  const open = order.lines.filter((line) => isOpen(line));
  return (
    <>
      {can("billing:write") && open.length > 0 && (
        <Opened
          name="Cancel open"
          title="Cancel what is open"
          why="What left is still charged; what was charged still leaves"
        >
          {(close) => <CancelForm order={order} onDone={close} />}
        </Opened>
      )}
      {can("stock:move") && goods.length > 0 && (
        <Opened name="Deliver" title="Deliver goods" why="They leave the stock, and what they cost is posted with it">
          {(close) => <DeliverForm order={order} lines={goods} onDone={close} />}
        </Opened>
      )}
      {can("billing:write") && charges.length > 0 && (
        <Opened
          name="Invoice"
          isPrimary
          title="Invoice the order"
          why="The invoice is issued at once; prices, discounts and taxes are the order’s"
        >
          {(close) => <InvoiceForm order={order} lines={charges} onDone={close} />}
        </Opened>
      )}
    </>
  );
}

/** Whether something of a line neither left nor was charged. */
function isOpen(line: OrderLine): boolean {
  return line.to_invoice !== "0" && (!line.is_goods || line.to_deliver !== "0");
}

type OpenedProps = {
  name: string;
  title: string;
  why: string;
  isPrimary?: boolean;
  children: (close: () => void) => ReactNode;
};

function Opened({ name, title, why, isPrimary, children }: OpenedProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind={isPrimary ? "primary" : "secondary"} onClick={() => setOpen(true)}>
        {name}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={title} description={why}>
        {children(() => setOpen(false))}
      </Dialog>
    </>
  );
}

type FormProps = { order: SalesOrderDetail; lines: OrderLine[]; onDone: () => void };

function usePost(path: string, onDone: () => void) {
  const act = useAction();
  const send = useKeyedPost();
  const post = async (body: object) => {
    if (await act.run(() => send(path, body))) onDone();
  };
  return { act, post };
}

function DeliverForm({ order, lines, onDone }: FormProps) {
  const { act, post } = usePost(`/sales-orders/${order.id}/deliveries`, onDone);
  const found = useThing<{ data: Warehouse[] }>("/stock/warehouses");
  if (found.error) return <ErrorState problem={found.error} onRetry={() => found.refetch()} />;
  if (!found.data) return <Skeleton lines={3} />;
  if (found.data.data.length === 0)
    return <EmptyState title="No warehouse yet" why="Goods leave a warehouse. Open one on the page of the stock." />;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void post({ warehouse_id: String(form.get("warehouse")), lines: partsOf(form, lines) });
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label="From" name="warehouse">
        {found.data.data.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </SelectField>
      <Parts lines={lines} of={(line) => line.to_deliver} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Deliver
      </Button>
    </form>
  );
}

function InvoiceForm({ order, lines, onDone }: FormProps) {
  const { act, post } = usePost(`/sales-orders/${order.id}/invoices`, onDone);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void post({ lines: partsOf(new FormData(event.currentTarget), lines) });
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <Parts lines={lines} of={(line) => line.to_invoice} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Issue invoice
      </Button>
    </form>
  );
}

function CancelForm({ order, onDone }: { order: SalesOrderDetail; onDone: () => void }) {
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason"));
    if (await act.run(() => api.post(`/sales-orders/${order.id}/cancel`, { reason }))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField label="Reason" name="reason" required maxLength={500} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="danger" type="submit" busy={act.busy} className="w-full">
        Cancel what is open
      </Button>
    </form>
  );
}

function Parts({ lines, of }: { lines: OrderLine[]; of: (line: OrderLine) => string }) {
  return lines.map((line) => (
    <TextField
      key={line.n}
      label={line.description}
      name={`line-${line.n}`}
      inputMode="decimal"
      autoComplete="off"
      defaultValue={of(line)}
      hint={`of ${of(line)} ${line.unit} open`}
    />
  ));
}

function partsOf(form: FormData, lines: OrderLine[]) {
  return lines
    .map((line) => ({
      n: line.n,
      quantity: String(form.get(`line-${line.n}`) ?? "")
        .trim()
        .replace(",", "."),
    }))
    .filter(({ quantity }) => quantity !== "" && Number(quantity) > 0);
}
