"use client";

import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";
import { classes } from "./classes";

const CONTROL =
  "block w-full min-h-10 rounded-md border bg-sheet px-3 py-2 text-base sm:text-sm placeholder:text-soft disabled:opacity-60";

type Frame = { label: string; hint?: ReactNode; error?: string | null };
type Wiring = { id: string; "aria-describedby"?: string; "aria-invalid"?: true; className: string };

/** Label, control, hint and error, tied together for screen readers. */
export function Field({ label, hint, error, children }: Frame & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const noteId = `${id}-note`;
  const wiring: Wiring = {
    id,
    "aria-describedby": hint || error ? noteId : undefined,
    "aria-invalid": error ? true : undefined,
    className: classes(CONTROL, error ? "border-failed" : "border-rule-strong/70"),
  };
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block font-medium text-sm">
        {label}
      </label>
      {children(wiring)}
      {(hint || error) && (
        <p id={noteId} className={classes("text-xs", error ? "text-failed" : "text-soft")}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

type InputProps = Frame & Omit<InputHTMLAttributes<HTMLInputElement>, "className" | "id">;

export function TextField({ label, hint, error, ...rest }: InputProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => <input {...rest} {...wiring} />}
    </Field>
  );
}

type SelectProps = Frame & Omit<SelectHTMLAttributes<HTMLSelectElement>, "className" | "id">;

export function SelectField({ label, hint, error, children, ...rest }: SelectProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(wiring) => (
        <select {...rest} {...wiring}>
          {children}
        </select>
      )}
    </Field>
  );
}
