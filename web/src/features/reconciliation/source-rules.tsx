import type { Problem } from "@/client/problem";
import { TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import type { Source } from "./contract";

type Props = {
  currency: string;
  onTolerance: (minor: number | null) => void;
  problem: Problem | null;
  known?: Source;
};

/** How far a line and an entry may lie apart, in money and in days. */
export function Rules({ currency, onTolerance, problem, known }: Props) {
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <MoneyInput
        label="May be off by"
        currency={currency}
        onChange={onTolerance}
        initial={known?.tolerance.amount}
        hint="Empty: nothing"
        error={problem?.messageFor("tolerance")}
      />
      <TextField
        label="Days around"
        name="window_days"
        type="number"
        min={0}
        max={60}
        defaultValue={known?.window_days ?? 3}
        hint="Between line and entry"
      />
      <TextField
        label="Late after days"
        name="late_after_days"
        type="number"
        min={0}
        max={60}
        defaultValue={known?.late_after_days ?? 0}
        hint="Then it is an exception"
      />
    </div>
  );
}
