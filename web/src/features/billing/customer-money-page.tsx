"use client";

import { useSearchParams } from "next/navigation";
import { useList, useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import type { Party } from "@/features/parties/contract";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { stateWord } from "@/ui/state";
import {
  accountPage,
  type CustomerAccount,
  type CustomerCredit,
  type Invoice,
  invoiceHref,
  type MoneyReceived,
  nameOf,
} from "./contract";
import { PayBack } from "./pay-back";
import { ReceiveMoney } from "./receive-money";
import { UseMoney } from "./use-money";

/** What a customer owes and has paid: open invoices, what is left over, and every payment with what it paid. */
export function CustomerMoneyPage() {
  const id = useSearchParams().get("id");
  const party = useThing<Party>(id && `/parties/${id}`);
  const accounts = useThing<CustomerAccount[]>(id && `/billing/customers/${id}/account`);
  if (!id) return <EmptyState title="Which customer?" why="Open one from the list of customers." />;
  const failed = party.error ?? accounts.error;
  return (
    <>
      <PageHeader
        title={party.data ? `Money of ${party.data.name}` : "Money of a customer"}
        actions={<ButtonLink href={`/customers/view/?id=${id}`}>The customer</ButtonLink>}
      />
      {failed && (
        <ErrorState problem={failed} onRetry={() => void Promise.all([party.refetch(), accounts.refetch()])} />
      )}
      {!failed && !accounts.data && <Skeleton lines={8} />}
      <div className="space-y-6">
        {accounts.data?.length === 0 && (
          <EmptyState title="Nothing yet" why="Invoices and what was paid for them stand here once there are any." />
        )}
        {accounts.data?.map((account) => (
          <OneCurrency key={account.owed.currency} partyId={id} account={account} />
        ))}
        <Receipts partyId={id} />
      </div>
    </>
  );
}

function OneCurrency({ partyId, account }: { partyId: string; account: CustomerAccount }) {
  const can = useCan();
  return (
    <>
      <Sheet
        title={`Owed in ${account.owed.currency}`}
        actions={can("billing:write") && <ReceiveMoney partyId={partyId} account={account} />}
      >
        {account.invoices.length === 0 && <p className="text-soft">Nothing is owed.</p>}
        <ul className="divide-y divide-rule">
          {account.invoices.map((invoice) => (
            <OpenInvoice key={invoice.id} invoice={invoice} />
          ))}
        </ul>
        {account.invoices.length > 0 && (
          <p className="flex flex-wrap justify-between gap-2 border-rule border-t pt-2 font-medium">
            <span>
              Together
              {account.overdue.amount > 0 && (
                <span className="font-normal text-soft">
                  , overdue <Money value={account.overdue} />
                </span>
              )}
            </span>
            <Money value={account.owed} />
          </p>
        )}
      </Sheet>
      {account.credits.length > 0 && (
        <Sheet title={`Left over in ${account.owed.currency}`}>
          <ul id="credit" className="divide-y divide-rule">
            {account.credits.map((credit) => (
              <Credit key={credit.source_id} credit={credit} owes={account.owed.amount > 0} />
            ))}
          </ul>
        </Sheet>
      )}
    </>
  );
}

function OpenInvoice({ invoice }: { invoice: Invoice }) {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2">
      <span>
        <Link href={invoiceHref(invoice)} className="underline decoration-rule-strong/50 underline-offset-4">
          {nameOf(invoice)}
        </Link>
        <span className="block text-soft text-xs">
          {invoice.due_on && `due ${formatPlainDay(invoice.due_on, readerLocale())}`}
          {invoice.days_late > 0 && `, ${invoice.days_late} days late`}
        </span>
      </span>
      <Money value={invoice.open} href={invoice.account_id ? accountPage(invoice.account_id) : invoiceHref(invoice)} />
    </li>
  );
}

function Credit({ credit, owes }: { credit: CustomerCredit; owes: boolean }) {
  const can = useCan();
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2">
      <span>
        {credit.name}
        <span className="block text-soft text-xs">{stateWord(credit.source_kind)}</span>
      </span>
      <span className="flex flex-wrap items-center gap-2">
        <Money value={credit.left} href={accountPage(credit.account_id)} />
        {owes && credit.source_kind === "receipt" && can("billing:write") && <UseMoney credit={credit} />}
        {can("billing:manage") && <PayBack credit={credit} />}
      </span>
    </li>
  );
}

function Receipts({ partyId }: { partyId: string }) {
  const list = useList<MoneyReceived>("/billing/receipts", { customer_id: partyId });
  if (list.error && list.rows.length === 0) return <ErrorState problem={list.error} onRetry={list.refetch} />;
  if (list.isLoading) return <Skeleton lines={4} />;
  return (
    <Sheet title="Payments received">
      {list.rows.length === 0 && <p className="text-soft">None yet.</p>}
      <ul className="divide-y divide-rule">
        {list.rows.map((receipt) => (
          <Receipt key={receipt.id} receipt={receipt} />
        ))}
      </ul>
      {list.hasMore && (
        <Button kind="quiet" busy={list.isLoadingMore} onClick={list.loadMore}>
          Show more
        </Button>
      )}
    </Sheet>
  );
}

function Receipt({ receipt }: { receipt: MoneyReceived }) {
  return (
    <li className="py-2">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span>
          {formatPlainDay(receipt.received_on, readerLocale())}, {stateWord(receipt.method).toLowerCase()}
          {receipt.reference && <span className="text-soft"> · {receipt.reference}</span>}
        </span>
        <Money value={receipt.amount} href={`/ledger/entry/?id=${receipt.entry_id}`} />
      </p>
      <ul className="text-soft text-xs">
        {receipt.allocations.map((part) => (
          <li key={part.id} className="flex flex-wrap justify-between gap-2">
            <Link href={invoiceHref({ id: part.invoice_id })} className="underline underline-offset-4">
              for an invoice, {formatPlainDay(part.allocated_on, readerLocale())}
            </Link>
            <Money value={part.amount} href={`/ledger/entry/?id=${part.entry_id}`} />
          </li>
        ))}
      </ul>
    </li>
  );
}
