"use client";

import { Plus, X } from "lucide-react";
import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useSession } from "@/features/identity/session";
import { PartyPicker } from "@/features/parties/party-picker";
import { Button } from "@/ui/button";
import { MoneyInput } from "@/ui/money-input";

export type ShareRow = { row: number; merchant: string; minor: number | null };

type Props = {
  currency: string;
  rows: ShareRow[];
  onChange: (rows: ShareRow[]) => void;
  /** What is wrong with them, in the server's words. */
  error?: string | null | undefined;
};

/** Parts of the payment for other merchants. A merchant cannot see who else there is, and is not asked. */
export function ShareFields({ currency, rows, onChange, error }: Props) {
  const { party_id: own } = useSession();
  const merchants = useList<Schemas["PartyOut"]>("/parties", { role: "merchant", limit: 2 }, own === null);
  if (own !== null || merchants.rows.length < 2) return null;
  const change = (row: number, part: Partial<ShareRow>) =>
    onChange(rows.map((each) => (each.row === row ? { ...each, ...part } : each)));
  const add = () => {
    const row = Math.max(0, ...rows.map((each) => each.row)) + 1;
    onChange([...rows, { row, merchant: "", minor: null }]);
  };
  return (
    <fieldset className="space-y-3">
      {rows.length > 0 && <legend className="text-soft">Shares of other merchants; the rest is the merchant's</legend>}
      {rows.map((each, index) => (
        <div key={each.row} className="grid items-end gap-2 sm:grid-cols-[1fr_1fr_auto]">
          <PartyPicker
            label={`Share ${index + 1} for`}
            among="merchant"
            required
            onChange={(merchant) => change(each.row, { merchant })}
          />
          <MoneyInput
            label={`Share ${index + 1}`}
            currency={currency}
            onChange={(minor) => change(each.row, { minor })}
          />
          <Button
            aria-label={`Remove share ${index + 1}`}
            icon={<X size={14} aria-hidden />}
            onClick={() => onChange(rows.filter((one) => one.row !== each.row))}
          />
        </div>
      ))}
      {error && <p className="text-failed">{error}</p>}
      <Button kind="quiet" icon={<Plus size={14} aria-hidden />} onClick={add}>
        Share it with another merchant
      </Button>
    </fieldset>
  );
}
