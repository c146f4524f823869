"use client";

import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";

type Props = { value: string; onChange: (type: string) => void };

/** One kind of event, a family of them, or all. */
export function EventTypeSelect({ value, onChange }: Props) {
  const types = useThing<Schemas["EventTypesOut"]>("/event-types");
  const names = types.data?.data.map((type) => type.name) ?? [];
  const families = [...new Set(names.map((name) => `${name.split(".")[0]}.*`))].sort();
  return (
    <select
      aria-label="Kind of event"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="min-h-9 max-w-full rounded-md border border-rule-strong/70 bg-sheet px-3 py-1.5"
    >
      <option value="">Every event</option>
      {value && !names.includes(value) && !families.includes(value) && <option>{value}</option>}
      <optgroup label="Families">
        {families.map((family) => (
          <option key={family}>{family}</option>
        ))}
      </optgroup>
      <optgroup label="Events">
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </optgroup>
    </select>
  );
}
