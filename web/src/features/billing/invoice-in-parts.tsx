"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import type { Problem } from "@/client/problem";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import type { Cost } from "@/features/installments/contract";
import { Schedule } from "@/features/installments/schedule";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Facts, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import type { InvoiceDetail } from "./contract";

type InParts = Schemas["InvoiceInPartsOut"];

/** Orders in parts that were offered for an invoice, and the offer of another while something is open. */
export function InvoiceInParts({ invoice }: { invoice: InvoiceDetail }) {
  const t = useTranslations("invoices");
  const can = useCan();
  const found = useThing<InParts>(`/billing/invoices/${invoice.id}/installments`);
  const mayOffer = can("billing:write") && can("installments:read") && (found.data?.plans.length ?? 0) > 0;
  if (found.error) return <ErrorState problem={found.error} onRetry={() => found.refetch()} />;
  if (!found.data || (found.data.orders.length === 0 && !mayOffer)) return null;
  return (
    <Sheet title={t("inParts")}>
      <div className="space-y-3">
        {found.data.orders.length > 0 && (
          <ul className="divide-y divide-rule">
            {found.data.orders.map((order) => (
              <li key={order.order_id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
                <Link href={`/installments/view/?id=${order.order_id}`} className="underline underline-offset-4">
                  <Money value={order.amount} />
                </Link>
                <State state={order.status} />
              </li>
            ))}
          </ul>
        )}
        {mayOffer && <Offer invoice={invoice} found={found.data} />}
      </div>
    </Sheet>
  );
}

function Offer({ invoice, found }: { invoice: InvoiceDetail; found: InParts }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Offer installments</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Offer installments"
        description="The customer agrees to the cost first; in that moment the invoice is paid and the parts are owed"
      >
        {open && <Choice invoice={invoice} found={found} onDone={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function Choice({ invoice, found, onDone }: { invoice: InvoiceDetail; found: InParts; onDone: () => void }) {
  const act = useAction();
  const post = useKeyedPost();
  const [planId, setPlanId] = useState(found.plans[0]?.id ?? "");
  const asked = { plan_id: planId, amount: found.open };
  const cost = useQuery<Cost, Problem>({
    queryKey: ["/installments/preview", asked],
    queryFn: () => api.post<Cost>("/installments/preview", asked),
    retry: false,
  });

  async function offer() {
    if (await act.run(() => post(`/billing/invoices/${invoice.id}/installments`, { plan_id: planId }))) onDone();
  }

  return (
    <div className="space-y-4">
      <SelectField label="Plan" value={planId} onChange={(event) => setPlanId(event.target.value)}>
        {found.plans.map((plan) => (
          <option key={plan.id} value={plan.id}>
            {`${plan.name} (${plan.parts})`}
          </option>
        ))}
      </SelectField>
      <div aria-live="polite" className="space-y-4">
        {cost.error && <ErrorState problem={cost.error} />}
        {cost.isPending && <Skeleton lines={5} />}
        {cost.data && (
          <>
            <div className="-mx-4">
              <Schedule lines={cost.data.lines} like={found.open} caption="What would be due when" isPreview />
            </div>
            <Facts
              facts={[
                ["Open of the invoice", <Money key="open" value={found.open} />],
                ["Paying in parts costs", <Money key="cost" value={cost.data.cost} />],
                ["The customer pays in all", <Money key="total" value={cost.data.total} className="font-medium" />],
              ]}
            />
          </>
        )}
      </div>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" busy={act.busy} disabled={!cost.data} onClick={offer} className="w-full">
        Offer it to the customer
      </Button>
    </div>
  );
}
