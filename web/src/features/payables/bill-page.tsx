"use client";

import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import { customerPage } from "@/features/crm/contract";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { PaymentPostings } from "@/features/payments/payment-postings";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { BillState } from "./bill-state";
import { type BillDetail, MEANING, orderHref } from "./contract";
import { LinesTable } from "./lines-table";

const day = (text: string) => formatPlainDay(text, readerLocale());

/** One bill: what it charges, why it is held, what is owed, what paid it, and the postings behind each amount. */
export function BillPage() {
  const id = useSearchParams().get("id");
  const bill = useThing<BillDetail>(id ? `/payables/bills/${encodeURIComponent(id)}` : null, undefined, 5000);
  if (!id) return <EmptyState title="Which bill?" why="The address names none. Open one from the list." />;
  if (bill.error) return <ErrorState problem={bill.error} onRetry={() => bill.refetch()} />;
  if (!bill.data) return <Skeleton lines={8} />;
  return <BillView bill={bill.data} />;
}

function BillView({ bill }: { bill: BillDetail }) {
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {bill.number}
            <span role="status">
              <BillState bill={bill} />
            </span>
          </span>
        }
        note={`${bill.supplier_name ?? "A supplier"}, ${bill.original_total ? "brought in from the system used before" : `their ${bill.their_number}`} · ${MEANING[bill.state]}`}
        actions={<Moves bill={bill} />}
      />
      {bill.problems.length > 0 && (
        <div className={`mb-6 rounded-md px-4 py-3 ${bill.state === "held" ? "bg-held-back text-held" : "bg-well"}`}>
          <p className="font-medium">{bill.state === "held" ? "Why it is held" : "Why it was held"}</p>
          <ul className="list-disc pl-5">
            {bill.problems.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
          {bill.reason && (
            <p className="mt-1">
              {bill.original_total ? "Note" : "Decided"}: {bill.reason}
            </p>
          )}
        </div>
      )}
      <div className="grid gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title="Lines" flush>
            <LinesTable
              name="Lines of the bill"
              lines={bill.lines}
              more={[
                { header: "Of order line", cell: (line) => line.order_line ?? "—" },
                ...(bill.debit_notes.length > 0
                  ? [{ header: "Taken back", cell: (line: BillDetail["lines"][number]) => line.taken_back }]
                  : []),
              ]}
            />
          </Sheet>
          {bill.entry_id && (
            <PaymentPostings entries={bill.entries as Parameters<typeof PaymentPostings>[0]["entries"]} />
          )}
        </div>
        <div className="space-y-6">
          <Sheet title="Owed">
            <Facts facts={owedOf(bill)} />
          </Sheet>
          {bill.allocations.length > 0 && (
            <Sheet title="What paid it">
              <Facts
                facts={bill.allocations.map(
                  (made): Fact => [
                    `${SOURCES[made.source_kind]}, ${day(made.allocated_on)}`,
                    <Money key={made.entry_id} value={made.amount} href={`#${made.entry_id}`} />,
                  ],
                )}
              />
            </Sheet>
          )}
          {bill.payouts.length > 0 && (
            <Sheet title="Payouts">
              <ul className="divide-y divide-rule">
                {bill.payouts.map((made) => (
                  <li key={made.id} className="flex flex-wrap items-center justify-between gap-2 py-2">
                    <Link
                      href={`/payouts/view/?id=${made.payout_id}`}
                      className="underline decoration-rule-strong/50 underline-offset-4"
                    >
                      {day(made.asked_on)}
                    </Link>
                    <State
                      state={made.state === "under_way" ? "waiting" : made.state}
                      {...(made.state === "under_way" && { word: "On its way" })}
                    />
                    <Money value={made.amount} href={`#${made.back_entry_id ?? made.entry_id}`} />
                  </li>
                ))}
              </ul>
            </Sheet>
          )}
          {bill.debit_notes.length > 0 && (
            <Sheet title="Debit notes">
              <Facts
                facts={bill.debit_notes.map(
                  (note): Fact => [
                    `${note.number}: ${note.reason}`,
                    <Money key={note.id} value={note.total} href={`#${note.entry_id}`} />,
                  ],
                )}
              />
            </Sheet>
          )}
        </div>
      </div>
    </>
  );
}

function owedOf(bill: BillDetail): Fact[] {
  const account = bill.account_id ? `/ledger/account/?id=${bill.account_id}` : undefined;
  return [
    ["Net", <Money key="net" value={bill.net} />],
    ...bill.taxes.map((tax): Fact => [tax.name, <Money key={tax.tax_rate_id} value={tax.tax} />]),
    ...(bill.original_total ? [["All of it", <Money key="original" value={bill.original_total} />] as Fact] : []),
    [bill.original_total ? "Owed then" : "Total", <Money key="total" value={bill.total} />],
    ["Owed", <Money key="owed" value={bill.owed} href={account} className="font-medium" />],
    ...(bill.advances.amount > 0 ? [["Paid in advance", <Money key="advances" value={bill.advances} />] as Fact] : []),
    ["Billed", day(bill.billed_on)],
    ["Due", day(bill.due_on)],
  ];
}

const SOURCES: Record<string, string> = { payment: "Payment", debit_note: "Debit note", payout: "Payout" };

type Asked = "accept" | "reject" | "debit-notes" | "pay" | null;

function Moves({ bill }: { bill: BillDetail }) {
  const can = useCan();
  const act = useAction();
  const post = useKeyedPost();
  const [asked, setAsked] = useState<Asked>(null);
  const path = `/payables/bills/${bill.id}`;
  const isOwed = bill.state === "open" || bill.state === "part_paid";
  const move = (name: string, body: object = {}) =>
    act.run(() => post(`${path}/${name}`, body, { name, body, version: bill.version }));
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      {can("crm:read") && <ButtonLink href={customerPage(bill.supplier_id)}>Supplier</ButtonLink>}
      {bill.order_id && <ButtonLink href={orderHref({ id: bill.order_id })}>Its order</ButtonLink>}
      {bill.state === "held" && can("payables:manage") && (
        <>
          <Button kind="danger" onClick={() => setAsked("reject")}>
            Reject
          </Button>
          <Button onClick={() => setAsked("accept")}>Accept as it is</Button>
        </>
      )}
      {bill.state === "held" && can("payables:write") && (
        <Button kind="primary" busy={act.busy} onClick={() => move("match")}>
          Match again
        </Button>
      )}
      {can("payables:manage") && bill.entry_id && bill.state !== "void" && (
        <Button onClick={() => setAsked("debit-notes")}>Debit note</Button>
      )}
      {can("payables:write") && isOwed && bill.advances.amount > 0 && (
        <Button busy={act.busy} onClick={() => move("use-advances")}>
          Use advances
        </Button>
      )}
      {can("payables:manage") && isOwed && (
        <>
          <Button onClick={() => setAsked("pay")}>Record payment</Button>
          <ButtonLink kind="primary" href={`/bills/pay/?bill=${bill.id}`}>
            Pay
          </ButtonLink>
        </>
      )}
      <Dialog
        open={asked !== null}
        onOpenChange={(open) => !open && setAsked(null)}
        title={asked ? TITLES[asked][0] : ""}
        description={asked ? TITLES[asked][1] : ""}
      >
        {asked === "pay" ? (
          <PayForm bill={bill} onDone={() => setAsked(null)} />
        ) : (
          asked && (
            <ReasonForm
              busy={act.busy}
              action={TITLES[asked][0]}
              onReason={async (reason) => {
                if (await move(asked, { reason })) setAsked(null);
              }}
            />
          )
        )}
      </Dialog>
    </>
  );
}

const TITLES: Record<Exclude<Asked, null>, [title: string, note: string]> = {
  accept: ["Accept the bill", "It is owed as it is; what it charges above the order becomes a price difference"],
  reject: ["Reject the bill", "Nothing of it is owed; the supplier may send it again"],
  "debit-notes": [
    "Debit note",
    "All that is left of the bill is taken back; what was paid is the supplier’s debt to us",
  ],
  pay: ["Record a payment", "Money that left outside this platform; what is too much was paid in advance"],
};

function ReasonForm(props: { action: string; busy: boolean; onReason: (reason: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    props.onReason(String(new FormData(event.currentTarget).get("reason")));
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField label="Reason" name="reason" required maxLength={500} />
      <Button kind="primary" type="submit" busy={props.busy} className="w-full">
        {props.action}
      </Button>
    </form>
  );
}

function PayForm({ bill, onDone }: { bill: BillDetail; onDone: () => void }) {
  const act = useAction();
  const post = useKeyedPost();
  const { currency } = bill.owed;
  const [minor, setMinor] = useState<number | null>(bill.owed.amount);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const share = { amount: Math.min(minor ?? 0, bill.owed.amount), currency };
    const body = {
      supplier_id: bill.supplier_id,
      amount: { amount: minor ?? 0, currency },
      method: String(form.get("method")),
      reference: String(form.get("reference") ?? ""),
      allocations: [{ bill_id: bill.id, amount: share }],
    };
    if (await act.run(() => post("/payables/payments", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <MoneyInput label="Amount" currency={currency} initial={bill.owed.amount} onChange={setMinor} />
      <SelectField label="Paid from" name="method">
        <option value="bank">The bank</option>
        <option value="cash">The till</option>
      </SelectField>
      <TextField label="Reference" name="reference" maxLength={120} defaultValue={bill.their_number} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={!minor} className="w-full">
        Record
      </Button>
    </form>
  );
}
