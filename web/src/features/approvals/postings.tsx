import type { Amount } from "@/lib/money";
import { Money } from "@/ui/money";

export type Posting = { debit_code: string; credit_code: string; amount: Amount };

/** What a yes would post: who is debited and who credited, line by line. */
export function Postings({ postings }: { postings: Posting[] }) {
  return (
    <ul className="space-y-1">
      {postings.map((posting, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a journal never change places
        <li key={line} className="[overflow-wrap:anywhere]">
          <span className="font-mono text-xs">{posting.debit_code}</span> <span className="text-soft">debited,</span>{" "}
          <span className="font-mono text-xs">{posting.credit_code}</span> <span className="text-soft">credited</span>{" "}
          <Money value={posting.amount} />
        </li>
      ))}
    </ul>
  );
}
