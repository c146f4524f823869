"use client";

import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import type { InvoiceDetail, Warehouse } from "./contract";

/** Give out what an invoice sells; its cost then stands among the invoice's postings. */
export function DeliverGoods({ invoice }: { invoice: InvoiceDetail }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Deliver goods</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Deliver the goods"
        description="What is sold leaves the stock, and what it cost is posted with it"
      >
        <DeliveryForm invoice={invoice} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function DeliveryForm({ invoice, onDone }: { invoice: InvoiceDetail; onDone: () => void }) {
  const act = useAction();
  const post = useKeyedPost();
  const found = useThing<{ data: Warehouse[] }>("/stock/warehouses");
  if (found.error) return <ErrorState problem={found.error} onRetry={() => found.refetch()} />;
  if (!found.data) return <Skeleton lines={3} />;
  if (found.data.data.length === 0)
    return <EmptyState title="No warehouse yet" why="Goods leave a warehouse. Open one on the page of the stock." />;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = { warehouse_id: String(new FormData(event.currentTarget).get("warehouse")) };
    if (await act.run(() => post(`/billing/invoices/${invoice.id}/delivery`, body))) onDone();
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
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Deliver
      </Button>
    </form>
  );
}
