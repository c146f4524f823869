import { Plus, X } from "lucide-react";
import { Button } from "@/ui/button";
import { TextField } from "@/ui/field";
import { MoneyInput } from "@/ui/money-input";
import type { TierDraft } from "./offer-draft";

const MOST = 20;

type Props = { currency: string; tiers: TierDraft[]; onChange: (tiers: TierDraft[]) => void };

/** Tiers of an offer: from an amount on, a percentage of the whole purchase. */
export function TierFields({ currency, tiers, onChange }: Props) {
  const change = (key: number, part: Partial<TierDraft>) =>
    onChange(tiers.map((tier) => (tier.key === key ? { ...tier, ...part } : tier)));
  const add = () =>
    onChange([...tiers, { key: Math.max(...tiers.map(({ key }) => key)) + 1, since: null, percent: "" }]);
  return (
    <fieldset className="space-y-3">
      <legend className="sr-only">Tiers</legend>
      {tiers.map((tier, index) => (
        <div key={tier.key} className="grid grid-cols-[1fr_6rem_auto] items-start gap-2">
          <MoneyInput
            label={`Tier ${index + 1}: from`}
            currency={currency}
            onChange={(since) => change(tier.key, { since })}
          />
          <TextField
            label="Percent"
            inputMode="decimal"
            value={tier.percent}
            onChange={(event) => change(tier.key, { percent: event.target.value })}
          />
          {tiers.length > 1 && (
            <Button
              kind="quiet"
              className="mt-6"
              aria-label={`Leave out tier ${index + 1}`}
              onClick={() => onChange(tiers.filter(({ key }) => key !== tier.key))}
            >
              <X size={14} aria-hidden />
            </Button>
          )}
        </div>
      ))}
      {tiers.length < MOST && (
        <Button icon={<Plus size={14} aria-hidden />} onClick={add}>
          Another tier
        </Button>
      )}
    </fieldset>
  );
}
