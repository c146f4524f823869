"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Actor } from "@/features/names/names";
import { useUrlState } from "@/lib/url-state";
import { Button } from "@/ui/button";
import { Chips } from "@/ui/chips";
import { type Column, DataTable } from "@/ui/data-table";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Field } from "@/ui/field";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";

type Problem = Schemas["ProblemOut"];

const DEFAULTS = { status: "open" };

/** What customers say is wrong with movements of their wallets: each waits for one answer. */
export function ProblemsPage() {
  const [view, change] = useUrlState(DEFAULTS);
  const [opened, open] = useState<Problem | null>(null);
  const list = useList<Problem>("/problems", { status: view.status });
  return (
    <>
      <PageHeader
        title="Problems"
        note="What customers say is wrong with movements of their wallets; an answer is told to the customer"
      />
      <div className="no-print mb-4">
        <Chips
          label="Which"
          value={view.status}
          onChange={(status) => change({ status })}
          options={[
            ["open", "Open"],
            ["answered", "Answered"],
            ["", "All"],
          ]}
        />
      </div>
      <Sheet flush>
        <DataTable
          name="problems"
          caption="Problems, the newest first"
          columns={columns(open)}
          list={list}
          rowKey={(row) => row.id}
          rowHref={(row) => `/customers/view/?id=${row.party_id}`}
          empty={
            <EmptyState
              title={view.status === "open" ? "Nobody waits for an answer" : "No problems"}
              why="A customer tells of a problem from a movement in the wallet's activity."
              example="Budi Santoso · IDR 45,000.00 · I never ordered this"
            />
          }
        />
      </Sheet>
      <Dialog open={opened !== null} onOpenChange={(stays) => !stays && open(null)} title="Problem" side="end">
        {opened && <Opened problem={opened} onDone={() => open(null)} />}
      </Dialog>
    </>
  );
}

const entryOf = (problem: Problem) => `/ledger/entry/?id=${problem.entry_id}`;

function columns(onOpen: (problem: Problem) => void): Column<Problem>[] {
  return [
    {
      key: "body",
      header: "What is wrong",
      file: (row) => row.body,
      cell: (row) => (
        <button
          type="button"
          onClick={() => onOpen(row)}
          className="line-clamp-2 text-start font-medium hover:underline"
        >
          {row.body}
        </button>
      ),
    },
    {
      key: "customer",
      header: "Customer",
      file: (row) => row.party_name ?? row.party_id,
      cell: (row) => (
        <Link href={`/customers/view/?id=${row.party_id}`} className="underline underline-offset-4">
          {row.party_name ?? <Id value={row.party_id} />}
        </Link>
      ),
    },
    { key: "state", header: "State", file: (row) => row.status, cell: (row) => <ProblemState problem={row} /> },
    { key: "at", header: "Since", file: (row) => row.created_at, cell: (row) => <When at={row.created_at} beside /> },
    {
      key: "amount",
      header: "Amount",
      align: "right",
      file: (row) => row.amount,
      cell: (row) => <SignedMoney problem={row} />,
    },
  ];
}

function ProblemState({ problem }: { problem: Problem }) {
  return <State state={problem.status} tone={problem.status === "open" ? "waiting" : "success"} />;
}

/** The amount as the customer saw it move. It opens the postings where the caller may read the books. */
function SignedMoney({ problem }: { problem: Problem }) {
  const can = useCan();
  const sign = problem.direction === "in" ? 1 : -1;
  const value = { ...problem.amount, amount: sign * problem.amount.amount };
  return (
    <Money value={value} signed href={can("ledger:read") ? entryOf(problem) : undefined} className="font-medium" />
  );
}

function Opened({ problem, onDone }: { problem: Problem; onDone: () => void }) {
  const can = useCan();
  const facts: Fact[] = [
    ["Customer", problem.party_name ?? <Id key="party" value={problem.party_id} />],
    ["Movement", <SignedMoney key="amount" problem={problem} />],
    ["State", <ProblemState key="state" problem={problem} />],
    ["Told", <When key="at" at={problem.created_at} />],
  ];
  return (
    <div className="space-y-4">
      <Facts facts={facts} />
      <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{problem.body}</p>
      {problem.answer && (
        <section className="rounded-md border border-rule p-3">
          <h3 className="text-soft text-xs">
            Answered by <Actor value={problem.answered_by ?? ""} /> · <When at={problem.answered_at} />
          </h3>
          <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{problem.answer}</p>
        </section>
      )}
      {problem.status === "open" && can("crm:write") && <AnswerForm problem={problem} onDone={onDone} />}
    </div>
  );
}

function AnswerForm({ problem, onDone }: { problem: Problem; onDone: () => void }) {
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const answer = String(new FormData(event.currentTarget).get("answer")).trim();
    if (await act.run(() => api.post(`/problems/${encodeURIComponent(problem.id)}/answer`, { answer }))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-3">
      <Field
        label="Answer"
        hint="The customer reads it beside the movement. It moves no money: refund or reverse first where that is due"
        error={act.problem?.messageFor("answer")}
      >
        {(wiring) => <textarea {...wiring} name="answer" rows={4} required minLength={3} maxLength={2000} />}
      </Field>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Answer the customer
      </Button>
    </form>
  );
}
