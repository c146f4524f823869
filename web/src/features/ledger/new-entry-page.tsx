"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useIdempotencyKey } from "@/client/idempotency";
import { asProblem, type Problem } from "@/client/problem";
import { useList } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import type { Amount } from "@/lib/money";
import { Button } from "@/ui/button";
import { type BalanceChange, ConfirmMoney } from "@/ui/confirm-money";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import type { Account, Entry } from "./contract";

type Order = {
  description: string;
  postings: { debit_account: string; credit_account: string; amount: Amount }[];
};
type Draft = { order: Order; preview: Entry };

export function NewEntryPage() {
  const can = useCan();
  const accounts = useList<Account>("/ledger/accounts", { limit: 100 }, can("ledger:post"));
  if (!can("ledger:post")) {
    return <EmptyState title="Not for your role" why="Manual entries are posted by finance." />;
  }
  if (accounts.isLoading) return <Skeleton lines={6} />;
  if (accounts.error) return <ErrorState problem={accounts.error} onRetry={accounts.refetch} />;
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader
        title="Manual entry"
        note="One amount from one account to another; both sides at once, so it always balances"
      />
      <Sheet>
        <EntryForm accounts={accounts.rows.filter((account) => !account.closed_at)} />
      </Sheet>
      {accounts.hasMore && (
        <Button className="mt-3" busy={accounts.isLoadingMore} onClick={accounts.loadMore}>
          Load more accounts
        </Button>
      )}
    </div>
  );
}

function EntryForm({ accounts }: { accounts: Account[] }) {
  const router = useRouter();
  const key = useIdempotencyKey();
  const checkKey = useIdempotencyKey();
  const [debitId, setDebitId] = useState("");
  const [minor, setMinor] = useState<number | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const debit = accounts.find((account) => account.id === debitId);

  async function attempt(work: () => Promise<void>) {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      const refused = asProblem(error);
      key.settle(refused);
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  }

  function check(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!debit || !minor) return;
    const form = new FormData(event.currentTarget);
    const amount = { amount: minor, currency: debit.currency };
    const postings = [{ debit_account: debit.id, credit_account: String(form.get("credit")), amount }];
    const order = { description: String(form.get("description")), postings };
    void attempt(async () => {
      const options = { query: { dry_run: true }, idempotencyKey: checkKey.for(order) };
      setDraft({ order, preview: await api.post<Entry>("/ledger/entries", order, options) });
    });
  }

  const post = ({ order }: Draft) =>
    attempt(async () => {
      const entry = await api.post<Entry>("/ledger/entries", order, { idempotencyKey: key.for(order) });
      router.push(`/ledger/entry/?id=${entry.id}`);
    });

  return (
    <form onSubmit={check} className="space-y-4">
      <SelectField label="Debit" required value={debitId} onChange={(event) => setDebitId(event.target.value)}>
        <AccountOptions accounts={accounts} />
      </SelectField>
      <SelectField label="Credit" name="credit" required disabled={!debit}>
        <AccountOptions
          accounts={accounts.filter(({ id, currency }) => id !== debitId && currency === debit?.currency)}
        />
      </SelectField>
      {debit && <MoneyInput key={debit.currency} label="Amount" currency={debit.currency} onChange={setMinor} />}
      <TextField label="What for" name="description" required maxLength={500} />
      {problem && !draft && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} disabled={!minor} className="w-full">
        Check and continue
      </Button>
      {draft && (
        <ConfirmMoney
          open
          title="Post this entry"
          amount={draft.order.postings[0]?.amount ?? { amount: 0, currency: debit?.currency ?? "" }}
          facts={[["What for", draft.order.description]]}
          balances={changesOf(draft.preview, accounts)}
          confirmLabel="Post"
          busy={busy}
          problem={problem}
          onConfirm={() => post(draft)}
          onClose={() => {
            setDraft(null);
            setProblem(null);
          }}
        />
      )}
    </form>
  );
}

function AccountOptions({ accounts }: { accounts: Account[] }) {
  return (
    <>
      <option value="">Choose an account</option>
      {accounts.map((account) => (
        <option key={account.id} value={account.id}>
          {account.code} ({account.currency})
        </option>
      ))}
    </>
  );
}

function changesOf(preview: Entry, accounts: Account[]): BalanceChange[] {
  const before = (id: string) => accounts.find((account) => account.id === id)?.balance;
  return preview.postings.flatMap((posting) =>
    [
      { id: posting.debit_account, name: posting.debit_code, after: posting.debit_balance },
      { id: posting.credit_account, name: posting.credit_code, after: posting.credit_balance },
    ].map(({ id, name, after }) => ({ name: name ?? id, before: before(id) ?? after, after })),
  );
}
