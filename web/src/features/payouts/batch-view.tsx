"use client";

import { useKeyedPost } from "@/client/keyed-post";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { State, stateWord } from "@/ui/state";
import type { BatchDetail, BatchLine } from "./contract";

/** Every line of a batch: what it would do, or what became of it; and the button that starts it. */
export function BatchView({ batch, onClose }: { batch: BatchDetail; onClose: () => void }) {
  const can = useCan();
  const { party_id: own } = useSession();
  const act = useAction();
  const post = useKeyedPost();
  const path = `/payout-batches/${batch.id}/start`;
  const isDraft = batch.status === "draft";
  const start = () => act.run(() => post(path, {}, path));
  return (
    <Sheet
      title={batch.name}
      className="mb-6"
      flush
      actions={
        <>
          <State state={batch.status === "waiting" ? "needs_approval" : batch.status} />
          <Button kind="quiet" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="flex flex-wrap items-center justify-between gap-3 border-rule border-b px-4 py-3">
        <p>
          {batch.lines.length} lines · <Money value={batch.total} className="font-medium" /> and{" "}
          <Money value={batch.fees} /> in fees
          {batch.problems > 0 && ` · ${batch.problems} with a problem`}
        </p>
        {isDraft && own !== null && can("payouts:create") && (
          <Button kind="primary" busy={act.busy} disabled={batch.problems > 0} onClick={start}>
            Start all payouts
          </Button>
        )}
      </div>
      {act.problem && <ErrorState problem={act.problem} />}
      <table className="ledger-table w-full border-collapse">
        <caption className="sr-only">Lines of the file</caption>
        <thead>
          <tr className="border-rule border-b text-left text-soft text-xs">
            <th scope="col" className="px-4 py-2 font-medium">
              Line
            </th>
            <th scope="col" className="px-4 py-2 font-medium">
              Reference
            </th>
            <th scope="col" className="px-4 py-2 font-medium">
              For
            </th>
            <th scope="col" className="px-4 py-2 font-medium">
              Outcome
            </th>
            <th scope="col" className="px-4 py-2 text-right font-medium">
              Amount
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">
          {batch.lines.map((line) => (
            <tr key={line.number}>
              <td data-label="Line" className="px-4 py-2">
                {line.number}
              </td>
              <td data-label="Reference" className="px-4 py-2">
                {line.reference}
              </td>
              <td data-label="For" className="px-4 py-2">
                {line.description}
              </td>
              <td data-label="Outcome" className="px-4 py-2">
                <Outcome line={line} />
              </td>
              <td data-label="Amount" className="px-4 py-2 text-right">
                {line.amount ? <Money value={line.amount} /> : "—"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sheet>
  );
}

function Outcome({ line }: { line: BatchLine }) {
  if (line.problem) return <State state="failed" word={stateWord(line.problem)} />;
  if (!line.payout_id) return <State state="ready" />;
  return (
    <Link href={`/payouts/view/?id=${line.payout_id}`} className="text-accent underline underline-offset-4">
      See the payout
    </Link>
  );
}
