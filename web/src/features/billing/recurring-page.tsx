"use client";

import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import { formatPlainDay } from "@/lib/dates";
import { readerLocale } from "@/lib/locale";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { WideTable } from "@/ui/wide-table";
import { HANDLING, type RecurringDetail, rhythmOf } from "./recurring";

const day = (text: string) => formatPlainDay(text, readerLocale());

/** One recurring invoice: what it charges, its coming days and the invoices it made. */
export function RecurringPage() {
  const id = useSearchParams().get("id");
  const path = id ? `/billing/recurring-invoices/${encodeURIComponent(id)}` : null;
  const found = useThing<RecurringDetail>(path, undefined, 5000);
  if (!path)
    return <EmptyState title="Which recurring invoice?" why="The address names none. Open one from the list." />;
  if (found.error) return <ErrorState problem={found.error} onRetry={() => found.refetch()} />;
  if (!found.data) return <Skeleton lines={8} />;
  return <RecurringView of={found.data} path={path} />;
}

function RecurringView({ of, path }: { of: RecurringDetail; path: string }) {
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-3">
            {of.reference || of.customer_name}
            <span role="status">
              <State state={of.state} />
            </span>
          </span>
        }
        note={`${of.customer_name ?? "A customer"} · ${rhythmOf(of)} from ${day(of.starts_on)}${of.ends_on ? ` to ${day(of.ends_on)}` : ""}`}
        actions={<Moves of={of} path={path} />}
      />
      {of.trouble && (
        <p role="alert" className="mb-6 rounded-md bg-failed-back px-4 py-3 text-failed">
          The period from {of.next_on && day(of.next_on)} could not be charged: {of.trouble}. Nothing is charged until
          you resume it.
        </p>
      )}
      {of.unpriced && !of.trouble && (
        <p role="alert" className="mb-6 rounded-md bg-failed-back px-4 py-3 text-failed">
          Today nothing could be charged: {of.unpriced}. Give the product a price again, or change what is charged.
        </p>
      )}
      <div className="grid gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="min-w-0 space-y-6">
          <Sheet title="Each invoice" flush>
            <Lines of={of} />
          </Sheet>
          <Sheet title="Invoices made">
            {of.runs.length === 0 && <p className="text-soft">None yet.</p>}
            <Facts
              facts={of.runs.map(
                (run): Fact => [
                  `From ${day(run.starts_on)}`,
                  <span key={run.period} className="flex justify-end gap-3">
                    <Link href={`/invoices/view/?id=${run.invoice_id}`} className="text-accent underline">
                      {run.invoice_number ?? "Draft"}
                    </Link>
                    <Money value={run.total} />
                  </span>,
                ],
              )}
            />
          </Sheet>
        </div>
        <div className="space-y-6">
          <Sheet title="Coming">
            {of.state === "paused" && <p className="mb-3 text-soft">Paused: nothing is charged.</p>}
            {of.coming.length === 0 && <p className="text-soft">Nothing any more.</p>}
            <ol className="space-y-1">
              {of.coming.map((each) => (
                <li key={each}>{day(each)}</li>
              ))}
            </ol>
          </Sheet>
          <Sheet title="Details">
            <Facts
              facts={[
                ["By itself", HANDLING[of.handling] ?? of.handling],
                ["Due after", of.due_days === null ? "As usual" : `${of.due_days} days`],
                ["Periods charged", String(of.periods_charged)],
                ...(of.note ? [["Note", of.note] as Fact] : []),
              ]}
            />
          </Sheet>
        </div>
      </div>
    </>
  );
}

function Lines({ of }: { of: RecurringDetail }) {
  return (
    <WideTable label="Lines of each invoice">
      <table className="w-full text-sm">
        <caption className="sr-only">Lines of each invoice</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            <th scope="col" className="px-4 py-2 text-left font-medium">
              Description
            </th>
            {["Quantity", "Price", "Total"].map((name) => (
              <th key={name} scope="col" className="px-4 py-2 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {of.lines.map((line) => (
            <tr key={line.n}>
              <td className="px-4 py-2">{line.description}</td>
              <td className="figures whitespace-nowrap px-4 py-2 text-right">
                {line.quantity} {line.unit}
              </td>
              <td className="px-4 py-2 text-right">
                <Money value={line.unit_price} />
              </td>
              <td className="px-4 py-2 text-right">
                <Money value={line.total} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot className="border-rule border-t">
          <tr>
            <th scope="row" colSpan={3} className="px-4 py-2 text-right font-medium">
              Total with tax
            </th>
            <td className="px-4 py-2 text-right font-medium">
              <Money value={of.total} />
            </td>
          </tr>
        </tfoot>
      </table>
    </WideTable>
  );
}

function Moves({ of, path }: { of: RecurringDetail; path: string }) {
  const act = useAction();
  const [open, setOpen] = useState(false);
  const move = async (name: string, body: object = {}) => {
    if (await act.run(() => api.post(`${path}/${name}`, body))) setOpen(false);
  };
  return (
    <>
      <ButtonLink href="/invoices/recurring/">All recurring</ButtonLink>
      {act.problem && <ErrorState problem={act.problem} />}
      {of.state !== "ended" && (
        <Button kind="danger" busy={act.busy} onClick={() => move("end")}>
          End for good
        </Button>
      )}
      {of.state === "active" && (
        <Button busy={act.busy} onClick={() => move("pause")}>
          Pause
        </Button>
      )}
      {of.state === "paused" && (
        <Button kind="primary" onClick={() => setOpen(true)}>
          Resume
        </Button>
      )}
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Resume"
        description="What about the periods that were left out?"
      >
        <div className="space-y-3">
          <Button kind="primary" busy={act.busy} className="w-full" onClick={() => move("resume")}>
            Go on with the next period
          </Button>
          <Button busy={act.busy} className="w-full" onClick={() => move("resume", { catch_up: true })}>
            Charge what was left out as well
          </Button>
        </div>
      </Dialog>
    </>
  );
}
