import { ArrowDown, ArrowUp, X } from "lucide-react";
import type { Problem } from "@/client/problem";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import type { Stage } from "./contract";
import type { StageDraft } from "./stage-drafts";

type Props = {
  draft: StageDraft;
  at: number;
  last: number;
  deals: number;
  problem: Problem | null;
  isUnread: boolean;
  onChange: (part: Partial<StageDraft>) => void;
  onMove: (step: -1 | 1) => void;
  onRemove: () => void;
};

const ENDS: [Stage["outcome"], string][] = [
  ["open", "Open"],
  ["won", "Won"],
  ["lost", "Lost"],
];

/** One stage in the form. While deals stand there it cannot change whether it is open, won or lost. */
export function StageRow({ draft, at, last, deals, problem, isUnread, onChange, onMove, onRemove }: Props) {
  const name = draft.name || `stage ${at + 1}`;
  return (
    <li className="grid grid-cols-2 items-start gap-3 p-4 sm:grid-cols-[1fr_7rem_7rem_auto]">
      <div className="col-span-2 sm:col-span-1">
        <TextField
          label={`Stage ${at + 1}`}
          required
          maxLength={80}
          value={draft.name}
          error={problem?.messageFor(`stages.${at}.name`)}
          hint={deals > 0 ? `${deals} ${deals === 1 ? "deal" : "deals"} here` : undefined}
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </div>
      <SelectField
        label="Means"
        value={draft.outcome}
        disabled={deals > 0}
        onChange={(event) => onChange({ outcome: event.target.value as Stage["outcome"] })}
      >
        {ENDS.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Likely, %"
        inputMode="decimal"
        disabled={draft.outcome !== "open"}
        value={{ open: draft.percent, won: "100", lost: "0" }[draft.outcome]}
        error={isUnread ? "A number from 0 to 100" : problem?.messageFor(`stages.${at}.probability_bps`)}
        onChange={(event) => onChange({ percent: event.target.value })}
      />
      <div className="flex gap-1 sm:pt-6">
        <Button
          kind="quiet"
          aria-label={`Earlier: ${name}`}
          disabled={at === 0}
          icon={<ArrowUp size={14} aria-hidden />}
          onClick={() => onMove(-1)}
        />
        <Button
          kind="quiet"
          aria-label={`Later: ${name}`}
          disabled={at === last}
          icon={<ArrowDown size={14} aria-hidden />}
          onClick={() => onMove(1)}
        />
        <Button kind="quiet" aria-label={`Remove: ${name}`} icon={<X size={14} aria-hidden />} onClick={onRemove} />
      </div>
    </li>
  );
}
