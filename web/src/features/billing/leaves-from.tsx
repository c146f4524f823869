"use client";

import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { SelectField } from "@/ui/field";
import type { Warehouse } from "./contract";

type Props = { label: string; initial: string | null | undefined };

/** The warehouse that goods leave when an invoice is sent, or later; nothing where there is no warehouse to choose. */
export function LeavesFrom({ label, initial }: Props) {
  const can = useCan();
  const found = useThing<{ data: Warehouse[] }>(can("stock:move") ? "/stock/warehouses" : null);
  if (!found.data || found.data.data.length === 0) return null;
  return (
    <SelectField
      label={label}
      name="deliver_from"
      defaultValue={initial ?? ""}
      hint="What they cost is posted with what they earn. Later: they are kept aside, or as soon as they come"
    >
      <option value="">Later</option>
      {found.data.data.map((each) => (
        <option key={each.id} value={each.id}>
          From {each.name}
        </option>
      ))}
    </SelectField>
  );
}
