"use client";

import { useThing } from "@/client/queries";
import { ButtonLink } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Money } from "@/ui/money";
import { Facts, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { type CustomerAccount, moneyPage } from "./contract";

/** What a customer owes, what of it is late and what is left of theirs, each with the documents behind it. */
export function CustomerMoney({ partyId }: { partyId: string }) {
  const accounts = useThing<CustomerAccount[]>(`/billing/customers/${partyId}/account`);
  const page = moneyPage(partyId);
  return (
    <Sheet title="Money" actions={<ButtonLink href={page}>Invoices and payments</ButtonLink>}>
      {accounts.error && <ErrorState problem={accounts.error} onRetry={() => accounts.refetch()} />}
      {!accounts.error && !accounts.data && <Skeleton lines={3} />}
      {accounts.data?.length === 0 && <p className="text-soft">No invoice and no payment yet.</p>}
      {accounts.data?.map((account) => (
        <Facts
          key={account.owed.currency}
          facts={[
            ["Owed", <Money key="owed" value={account.owed} href={page} />],
            ["Overdue", <Money key="overdue" value={account.overdue} href={page} />],
            ["Credit", <Money key="credit" value={account.credit} href={`${page}#credit`} />],
          ]}
        />
      ))}
    </Sheet>
  );
}
