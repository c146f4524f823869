"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { asProblem, type Problem } from "@/client/problem";
import { useList } from "@/client/queries";
import { waitingFacts } from "@/features/approvals/waiting";
import { useCan } from "@/features/identity/session";
import { useName } from "@/features/names/use-name";
import { startOfBusinessDay } from "@/lib/dates";
import type { Amount } from "@/lib/money";
import { Button } from "@/ui/button";
import { type BalanceChange, ConfirmMoney } from "@/ui/confirm-money";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { shortCode } from "@/ui/id";
import { MoneyInput } from "@/ui/money-input";
import { type Fact, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useZone } from "@/ui/zone";
import { type Account, type Entry, isAsked, type Made, placeOf } from "./contract";

type Order = {
  description: string;
  effective_at?: string;
  postings: { debit_account: string; credit_account: string; amount: Amount }[];
};
type Draft = { order: Order; preview: Made };

export function NewEntryPage() {
  const can = useCan();
  const accounts = useList<Account>("/ledger/accounts", { journals: true, limit: 100 }, can("ledger:post"));
  if (!can("ledger:post")) {
    return <EmptyState title="Not for your role" why="Manual entries are posted by finance." />;
  }
  if (accounts.isLoading) return <Skeleton lines={6} />;
  if (accounts.error) return <ErrorState problem={accounts.error} onRetry={accounts.refetch} />;
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader
        title="Manual entry"
        note="One amount from one account to another. Accounts that only their module posts to are not offered"
      />
      <Sheet>
        <EntryForm accounts={accounts.rows} />
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
  const zone = useZone();
  const keyed = useKeyedPost();
  const [debitId, setDebitId] = useState("");
  const [minor, setMinor] = useState<number | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const debit = accounts.find((account) => account.id === debitId);

  function chooseDebit(id: string) {
    setDebitId(id);
    // Without an account there is no field, and what was typed in it is gone.
    if (!id) setMinor(null);
  }

  async function attempt(work: () => Promise<void>) {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(asProblem(error));
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
    const day = String(form.get("day"));
    const order = {
      description: String(form.get("description")),
      postings,
      ...(day && { effective_at: startOfBusinessDay(day, zone) }),
    };
    void attempt(async () => {
      const options = { query: { dry_run: true } };
      setDraft({ order, preview: await api.post<Made>("/ledger/entries", order, options) });
    });
  }

  const post = ({ order }: Draft) =>
    attempt(async () => {
      const made = await keyed<Made>("/ledger/entries", order);
      router.push(placeOf(made));
    });

  return (
    <form onSubmit={check} className="space-y-4">
      <SelectField label="Debit" required value={debitId} onChange={(event) => chooseDebit(event.target.value)}>
        <AccountOptions accounts={accounts} />
      </SelectField>
      <SelectField label="Credit" name="credit" required disabled={!debit}>
        <AccountOptions
          accounts={accounts.filter(({ id, currency }) => id !== debitId && currency === debit?.currency)}
        />
      </SelectField>
      {debit && <MoneyInput label="Amount" currency={debit.currency} onChange={setMinor} />}
      <TextField label="What for" name="description" required maxLength={500} />
      <TextField
        label="Day"
        name="day"
        type="date"
        hint="The day it counts for. Left empty: now"
        error={problem?.messageFor("effective_at")}
      />
      {problem && !draft && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} disabled={!minor} className="w-full">
        Check and continue
      </Button>
      {draft && (
        <ConfirmMoney
          open
          title="Post this entry"
          amount={draft.order.postings[0]?.amount ?? { amount: 0, currency: debit?.currency ?? "" }}
          facts={[
            ["What for", draft.order.description],
            ...(isAsked(draft.preview)
              ? waitingFacts(draft.preview.expires_at)
              : [["Day", draft.preview.business_date] as Fact]),
          ]}
          balances={isAsked(draft.preview) ? [] : changesOf(draft.preview, accounts)}
          confirmLabel={isAsked(draft.preview) ? "Ask for approval" : "Post"}
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
          <AccountWords account={account} />
        </option>
      ))}
    </>
  );
}

/** An option holds text alone: the code with the ids in it shortened, whose it is, and the currency. */
function AccountWords({ account }: { account: Account }) {
  const name = useName(account.code);
  return [shortCode(account.code), name, account.currency].filter(Boolean).join(" · ");
}

function changesOf(preview: Entry, accounts: Account[]): BalanceChange[] {
  const before = (id: string) => accounts.find((account) => account.id === id)?.balance;
  return preview.postings.flatMap((posting) =>
    [
      { id: posting.debit_account, name: posting.debit_code, after: posting.debit_balance },
      { id: posting.credit_account, name: posting.credit_code, after: posting.credit_balance },
    ].map(({ id, name, after }) => ({ name: shortCode(name ?? id), before: before(id) ?? after, after })),
  );
}
