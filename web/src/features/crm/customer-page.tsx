"use client";

import { useSearchParams } from "next/navigation";
import { type FormEvent, useRef } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { CustomerMoney } from "@/features/billing/customer-money";
import { CustomerPrices } from "@/features/catalogue/customer-prices";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { EraseButton } from "@/features/parties/erase-button";
import { PostalDetails } from "@/features/parties/postal-details";
import { CustomerPortal } from "@/features/portal/customer-portal";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Field } from "@/ui/field";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State, stateWord } from "@/ui/state";
import { Activities } from "./activities";
import { Contacts } from "./contacts";
import { type Customer, customerPage, type Pipeline } from "./contract";
import { CustomerTimeline } from "./customer-timeline";
import { MergeButton, Merges } from "./merge-button";
import { NewDeal } from "./new-deal";
import { NoteForm } from "./note-form";

/** A customer from all sides. */
export function CustomerPage() {
  const id = useSearchParams().get("id");
  const customer = useThing<Customer>(id && `/crm/customers/${id}`);
  if (!id) return <EmptyState title="Which customer?" why="Open one from the list of customers." />;
  if (customer.error) return <ErrorState problem={customer.error} onRetry={() => customer.refetch()} />;
  if (!customer.data) return <Skeleton lines={8} />;
  return <Loaded customer={customer.data} />;
}

function Loaded({ customer }: { customer: Customer }) {
  const can = useCan();
  const mayWrite = can("crm:write") && customer.merged_into === null;
  const pipelines = useThing<{ data: Pipeline[] }>("/crm/pipelines");
  const first = pipelines.data?.data[0];
  return (
    <>
      <PageHeader
        title={customer.name}
        note={`${stateWord(customer.kind)} · ${customer.roles.join(", ")}`}
        actions={
          <>
            {can("crm:manage") && customer.merged_into === null && <MergeButton customer={customer} />}
            {customer.merged_into === null && <EraseButton partyId={customer.party_id} name={customer.name} />}
            {mayWrite && first && <NewDeal pipelineId={first.id} partyId={customer.party_id} />}
          </>
        }
      />
      {customer.merged_into && (
        <Sheet className="mb-6">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p>This customer goes on as another.</p>
            <ButtonLink href={customerPage(customer.merged_into)}>Open the other</ButtonLink>
          </div>
        </Sheet>
      )}
      <div className="grid items-start gap-6 lg:grid-cols-[1fr_22rem]">
        <div className="min-w-0 space-y-6">
          {mayWrite && (
            <Sheet title="Write about them">
              <NoteForm partyId={customer.party_id} />
              <FileForm partyId={customer.party_id} />
            </Sheet>
          )}
          <Sheet title="Timeline">
            <CustomerTimeline partyId={customer.party_id} />
          </Sheet>
        </div>
        <div className="min-w-0 space-y-6">
          <About customer={customer} />
          {can("billing:read") && <CustomerMoney partyId={customer.party_id} />}
          {customer.merged_into === null && <CustomerPortal partyId={customer.party_id} />}
          {can("catalogue:read") && <CustomerPrices partyId={customer.party_id} />}
          <PostalDetails partyId={customer.party_id} mayChange={customer.merged_into === null} />
          <Deals customer={customer} />
          <Sheet title="To do">
            <Activities partyId={customer.party_id} activities={customer.activities} />
          </Sheet>
          <Contacts customer={customer} />
          {customer.merges.length > 0 && (
            <Sheet title="Merged into this customer">
              <Merges merges={customer.merges} mayUndo={can("crm:manage")} />
            </Sheet>
          )}
        </div>
      </div>
    </>
  );
}

function About({ customer }: { customer: Customer }) {
  return (
    <Sheet title="About">
      <Facts
        facts={[
          ["Identity", <State key="kyc" state={customer.kyc_state} />],
          ["E-mail", customer.email ?? "Not known"],
          ["Phone", customer.phone ?? "Not known"],
          ...customer.purses.map(
            (purse) =>
              [
                purse.purpose === "main" ? `Wallet ${purse.available.currency}` : stateWord(purse.purpose),
                <Money
                  key={purse.wallet_id}
                  value={purse.available}
                  href={`/wallets/activity/?id=${purse.wallet_id}`}
                />,
              ] as [string, React.ReactNode],
          ),
          [
            "Installments",
            <Link
              key="line"
              href={`/installments/line/?id=${customer.party_id}`}
              className="underline decoration-rule-strong/50 underline-offset-4"
            >
              Credit line and orders
            </Link>,
          ],
          ["Id", <Id key="id" value={customer.party_id} />],
        ]}
      />
    </Sheet>
  );
}

function Deals({ customer }: { customer: Customer }) {
  return (
    <Sheet title="Open deals">
      {customer.opportunities.length === 0 && <p className="text-soft">None is open.</p>}
      <ul className="divide-y divide-rule">
        {customer.opportunities.map((deal) => (
          <li key={deal.id} className="py-2">
            <p className="font-medium [overflow-wrap:anywhere]">{deal.title}</p>
            <p className="flex flex-wrap justify-between gap-2 text-sm">
              <Money value={deal.amount} href={`/pipeline/?pipeline=${deal.pipeline_id}`} />
              <span className="text-soft text-xs">closes {formatPlainDay(deal.expected_close, readerLocale())}</span>
            </p>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

function FileForm({ partyId }: { partyId: string }) {
  const act = useAction();
  const form = useRef<HTMLFormElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = new FormData(event.currentTarget);
    if (await act.run(() => api.post(`/crm/customers/${partyId}/files`, body))) form.current?.reset();
  }

  return (
    <form ref={form} onSubmit={submit} className="mt-4 space-y-3 border-rule border-t pt-4">
      <Field label="File" hint="JPEG, PNG or PDF of at most 10 MB" error={act.problem?.messageFor("file")}>
        {(wiring) => (
          <input {...wiring} type="file" name="file" required accept="image/jpeg,image/png,application/pdf" />
        )}
      </Field>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button type="submit" busy={act.busy}>
        Attach
      </Button>
    </form>
  );
}
