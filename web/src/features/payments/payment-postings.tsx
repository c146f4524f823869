import { AccountLink } from "@/features/names/account-link";
import { EmptyState } from "@/ui/empty-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { When } from "@/ui/when";
import type { PaymentEntry } from "./contract";

/** Every journal entry the payment caused, with its postings open: the books behind the numbers above. */
export function PaymentPostings({ entries }: { entries: PaymentEntry[] }) {
  return (
    <Sheet title="Postings" flush>
      <div id="postings">
        {entries.length === 0 && (
          <EmptyState title="Nothing posted" why="Money has not moved for this payment so far." />
        )}
        {entries.map((entry) => (
          <section
            key={entry.entry_id}
            id={entry.entry_id}
            className="border-rule border-b px-4 py-3 last:border-b-0 target:bg-accent-soft"
          >
            <div className="mb-2 flex flex-wrap items-baseline justify-between gap-2">
              <Link href={`/ledger/entry/?id=${entry.entry_id}`} className="font-medium underline underline-offset-4">
                {entry.recipe}
              </Link>
              <span className="text-soft text-xs">
                <When at={entry.recorded_at} />
              </span>
            </div>
            <ul className="space-y-2">
              {entry.postings.filter(isMoney).map((posting) => (
                <li
                  key={`${posting.debit_account}${posting.credit_account}${posting.amount.amount}`}
                  className="flex flex-wrap items-baseline justify-between gap-x-4"
                >
                  <span className="min-w-0 font-mono text-xs">
                    <span className="text-soft">debit</span>{" "}
                    <AccountLink id={posting.debit_account} code={posting.debit_code} />
                    <br />
                    <span className="text-soft">credit</span>{" "}
                    <AccountLink id={posting.credit_account} code={posting.credit_code} />
                  </span>
                  <span className="ml-auto">
                    <Money value={posting.amount} href={`/ledger/entry/?id=${entry.entry_id}`} />
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Sheet>
  );
}

// Limits are kept in memo accounts; they are in the entry itself, one click away, and no money.
function isMoney(posting: PaymentEntry["postings"][number]): boolean {
  return !posting.debit_code?.startsWith("memo:");
}
