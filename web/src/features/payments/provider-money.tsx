import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { State, type Tone } from "@/ui/state";
import type { Payment, ProviderMoney } from "./contract";

const STATES: Record<string, [word: string, tone: Tone]> = {
  expected: ["Expected", "waiting"],
  confirmed: ["In the provider's statement", "waiting"],
  arrived: ["In the bank", "success"],
  written_off: ["Written off", "neutral"],
  untracked: ["Not reconciled", "neutral"],
};

/** When a payment's money comes from the provider, and how far it has come. */
export function ProviderMoneySheet({ payment }: { payment: Payment }) {
  if (payment.provider_money.length === 0) return null;
  return (
    <Sheet title="From the provider" flush>
      <ul className="divide-y divide-rule">
        {payment.provider_money.map((money) => (
          <Line key={money.entry_id} money={money} />
        ))}
      </ul>
    </Sheet>
  );
}

function Line({ money }: { money: ProviderMoney }) {
  const [word, tone] = money.overdue ? (["Overdue", "failed"] as const) : (STATES[money.status] ?? [money.status]);
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 px-4 py-2">
      <div className="min-w-0">
        {money.connection_name}
        {money.expected_on && (
          <p className="text-soft">
            Expected by{" "}
            <Link href="/reconciliation/expected/" className="figures underline underline-offset-4">
              {money.expected_on}
            </Link>
          </p>
        )}
      </div>
      <div className="ml-auto flex items-baseline gap-3">
        <State state={money.status} word={word} tone={tone} />
        <Money value={money.amount} href={`#${money.entry_id}`} className="font-medium" />
      </div>
    </li>
  );
}
