"use client";

import { classes } from "./classes";

type Props = {
  label: string;
  options: [value: string, name: string][];
  value: string;
  onChange: (value: string) => void;
};

/** One choice out of few, all visible. */
export function Chips({ label, options, value, onChange }: Props) {
  return (
    <fieldset className="flex flex-wrap gap-1.5">
      <legend className="sr-only">{label}</legend>
      {options.map(([option, name]) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === value}
          onClick={() => onChange(option)}
          className={classes(
            "rounded-full border px-3 py-1 text-xs",
            option === value ? "border-accent bg-accent-soft font-medium" : "border-rule hover:bg-well",
          )}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
