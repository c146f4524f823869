"use client";

import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useList } from "@/client/queries";
import { inCurrency } from "@/features/billing/contract";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { AddBeneficiary } from "@/features/payouts/add-beneficiary";
import { bankName } from "@/features/payouts/banks";
import type { Beneficiary } from "@/features/payouts/contract";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button, ButtonLink } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { type Bill, billHref, bySupplier, type SupplierPayout } from "./contract";

/** What is owed, by supplier: choose bills and an account, and one payout pays them. */
export function PayBillsPage() {
  const first = useSearchParams().get("bill");
  const open = useList<Bill>("/payables/bills", { state: "open", limit: 100 });
  const part = useList<Bill>("/payables/bills", { state: "part_paid", limit: 100 });
  const failed = open.error ?? part.error;
  return (
    <>
      <PageHeader
        title="Pay bills"
        note="One payout for each supplier. A bill is paid when its money has arrived, and owed again if it has not"
        actions={<ButtonLink href="/bills/">All bills</ButtonLink>}
      />
      {failed && <ErrorState problem={failed} onRetry={open.refetch} />}
      {!failed && (open.isLoading || part.isLoading) && <Skeleton lines={8} />}
      {!failed && !open.isLoading && !part.isLoading && (
        <Suppliers bills={[...open.rows, ...part.rows]} first={first} />
      )}
      {(open.hasMore || part.hasMore) && (
        <Button
          onClick={() => {
            open.loadMore();
            part.loadMore();
          }}
        >
          Show more
        </Button>
      )}
    </>
  );
}

function Suppliers({ bills, first }: { bills: Bill[]; first: string | null }) {
  const [done, setDone] = useState<SupplierPayout[]>([]);
  const groups = bySupplier(bills, first);
  return (
    <div className="space-y-6">
      {done.map((made) => (
        <p key={made.id} role="status" className="rounded-md bg-well px-4 py-3">
          {made.supplier_name ?? "The supplier"}: <Money value={made.amount} />{" "}
          {made.payout_status === "requested" ? "waits for a second person." : "is on its way."}{" "}
          <Link
            href={`/payouts/view/?id=${made.payout_id}`}
            className="underline decoration-rule-strong/50 underline-offset-4"
          >
            Follow the payout
          </Link>
        </p>
      ))}
      {groups.length === 0 && (
        <EmptyState title="Nothing to pay" why="No bill is owed. What is on its way is among the payouts." />
      )}
      {groups.map((group) => (
        <SupplierSheet
          key={`${group[0].supplier_id}${group[0].owed.currency}`}
          bills={group}
          first={first}
          onDone={(made) => setDone([made, ...done])}
        />
      ))}
    </div>
  );
}

type SheetProps = { bills: [Bill, ...Bill[]]; first: string | null; onDone: (made: SupplierPayout) => void };

function SupplierSheet({ bills, first, onDone }: SheetProps) {
  const can = useCan();
  const { supplier_id: supplierId, supplier_name: name } = bills[0];
  const accounts = useList<Beneficiary>("/beneficiaries", { party_id: supplierId, limit: 50 });
  const usable = accounts.rows.filter(
    (row) => row.status === "verified" && new Date(row.usable_from).getTime() <= Date.now(),
  );
  return (
    <Sheet
      title={name ?? "A supplier"}
      actions={can("payouts:create") && <AddBeneficiary partyId={supplierId} kind="secondary" />}
    >
      {accounts.error && <ErrorState problem={accounts.error} onRetry={accounts.refetch} />}
      {accounts.isLoading && <Skeleton lines={3} />}
      {!accounts.error && !accounts.isLoading && usable.length === 0 && (
        <p className="mb-4 text-soft">
          {accounts.rows.length > 0
            ? "The account is still being confirmed, or is too new to be used."
            : "Add the supplier’s account first. The bank says whose it is."}
        </p>
      )}
      {!accounts.error && !accounts.isLoading && (
        <PayoutForm bills={bills} first={first} accounts={usable} onDone={onDone} />
      )}
    </Sheet>
  );
}

type FormProps = SheetProps & { accounts: Beneficiary[] };
type Ordered = { beneficiary_id: string; bill_ids: string[] };

function PayoutForm({ bills, first, accounts, onDone }: FormProps) {
  const act = useAction();
  const post = useKeyedPost();
  const [left, setLeft] = useState<string[]>(() => bills.map((bill) => bill.id).filter((id) => first && id !== first));
  const [account, setAccount] = useState("");
  const [shown, setShown] = useState<{ order: Ordered; preview: SupplierPayout } | null>(null);
  const to = accounts.find((row) => row.id === account) ?? accounts[0];
  const chosen = bills.filter((bill) => !left.includes(bill.id));
  const total = chosen.reduce((sum, bill) => sum + bill.owed.amount, 0);

  async function check(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!to) return;
    const order = { beneficiary_id: to.id, bill_ids: chosen.map((bill) => bill.id) };
    await act.run(async () => {
      const preview = await api.post<SupplierPayout>("/payables/payouts", order, { query: { dry_run: true } });
      setShown({ order, preview });
    });
  }

  async function confirm(order: Ordered) {
    await act.run(async () => {
      const made = await post<SupplierPayout>("/payables/payouts", order);
      setShown(null);
      onDone(made);
    });
  }

  const toggle = (id: string) => setLeft(left.includes(id) ? left.filter((each) => each !== id) : [...left, id]);
  return (
    <form onSubmit={check} className="space-y-4">
      <Choice bills={bills} left={left} onToggle={toggle} />
      {to && (
        <div className="flex flex-wrap items-end justify-between gap-4">
          <SelectField label="To" value={to.id} onChange={(event) => setAccount(event.target.value)}>
            {accounts.map((row) => (
              <option key={row.id} value={row.id}>
                {nameOf(row)}
              </option>
            ))}
          </SelectField>
          <Button kind="primary" type="submit" busy={act.busy} disabled={chosen.length === 0}>
            Pay <Money value={inCurrency(total, bills[0].owed.currency)} quietCode={false} />
          </Button>
        </div>
      )}
      {act.problem && !shown && <ErrorState problem={act.problem} />}
      {shown && to && (
        <ConfirmMoney
          open
          title={`Pay ${shown.preview.supplier_name ?? "the supplier"}`}
          amount={shown.preview.amount}
          facts={[
            ["To", nameOf(to)],
            ...(shown.preview.payout_status === "requested"
              ? [["Approval", "A second person has to say yes"] as Fact]
              : []),
            ...shown.preview.bills.map(
              (bill): Fact => [bill.their_number, <Money key={bill.bill_id} value={bill.amount} />],
            ),
          ]}
          balances={[]}
          confirmLabel="Pay now"
          busy={act.busy}
          problem={act.problem}
          onConfirm={() => confirm(shown.order)}
          onClose={() => setShown(null)}
        />
      )}
    </form>
  );
}

function nameOf(row: Beneficiary) {
  return `${row.label || row.holder_name} · ${bankName(row.bank_code)} ${row.number_hint}`;
}

function Choice({ bills, left, onToggle }: { bills: Bill[]; left: string[]; onToggle: (id: string) => void }) {
  return (
    <ul className="divide-y divide-rule">
      {bills.map((bill) => (
        <li key={bill.id} className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 py-2">
          <label className="flex min-h-6 min-w-0 items-baseline gap-2">
            <input type="checkbox" checked={!left.includes(bill.id)} onChange={() => onToggle(bill.id)} />
            <span className="[overflow-wrap:anywhere]">
              {bill.number}, their {bill.their_number}
              <span className="block text-soft text-xs">due {formatPlainDay(bill.due_on, readerLocale())}</span>
            </span>
          </label>
          <Money value={bill.owed} href={billHref(bill)} />
        </li>
      ))}
    </ul>
  );
}
