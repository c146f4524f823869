"use client";

import { Plus, X } from "lucide-react";
import { Button } from "@/ui/button";
import { emptyLine, FIELDS, KINDS, type Kind, type TypedLine } from "./typed-lines";

const CONTROL =
  "block w-full min-w-0 min-h-10 rounded-md border border-rule-strong/70 bg-sheet px-2 py-1.5 text-base sm:text-sm";
const GRID =
  "grid grid-cols-2 gap-2 sm:grid-cols-[6.5rem_minmax(10rem,1fr)_minmax(8rem,0.7fr)_6rem_9rem_2.25rem] sm:items-end";

/** How many cells stand beside the kind; what a line has more goes below them. */
const IN_A_ROW = 4;

type Props = { lines: TypedLine[]; onChange: (lines: TypedLine[]) => void };

/** Lines to type: what kind, about what, and how much. Enter in the last one begins the next. */
export function LineFields({ lines, onChange }: Props) {
  const change = (changed: TypedLine) => onChange(lines.map((line) => (line.key === changed.key ? changed : line)));
  const addLine = () => onChange([...lines, emptyLine(lines.at(-1))]);
  return (
    <div className="space-y-3">
      {lines.map((line, index) => (
        <LineField
          key={line.key}
          line={line}
          n={index + 1}
          onChange={change}
          onRemove={lines.length > 1 ? () => onChange(lines.filter(({ key }) => key !== line.key)) : null}
          onEnter={index === lines.length - 1 ? addLine : null}
        />
      ))}
      <Button icon={<Plus size={14} aria-hidden />} onClick={addLine}>
        Add line
      </Button>
    </div>
  );
}

type LineProps = {
  line: TypedLine;
  n: number;
  onChange: (line: TypedLine) => void;
  onRemove: (() => void) | null;
  onEnter: (() => void) | null;
};

function LineField({ line, n, onChange, onRemove, onEnter }: LineProps) {
  const say = (column: string, text: string) => onChange({ ...line, cells: { ...line.cells, [column]: text } });
  return (
    <fieldset
      className={`${GRID} max-sm:border-rule max-sm:border-b max-sm:pb-3`}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
        event.preventDefault();
        onEnter?.();
      }}
    >
      <legend className="sr-only">Line {n}</legend>
      <select
        aria-label={`Kind of line ${n}`}
        className={`${CONTROL} max-sm:col-span-2`}
        value={line.kind}
        onChange={(event) => onChange({ ...line, kind: event.target.value as Kind })}
      >
        {KINDS.map(([kind, name]) => (
          <option key={kind} value={kind}>
            {name}
          </option>
        ))}
      </select>
      {FIELDS[line.kind].map((field, index) => (
        <CellField
          key={field.column}
          field={field}
          name={`${field.label} of line ${n}`}
          className={index === IN_A_ROW ? "sm:col-start-2" : ""}
          value={line.cells[field.column] ?? ""}
          onChange={(text) => say(field.column, text)}
        />
      ))}
      {onRemove && (
        <Button
          kind="quiet"
          aria-label={`Remove line ${n}`}
          className="max-sm:col-span-2 sm:col-start-6 sm:row-start-1"
          onClick={onRemove}
        >
          <X size={14} aria-hidden />
        </Button>
      )}
    </fieldset>
  );
}

type CellProps = {
  field: (typeof FIELDS)[Kind][number];
  name: string;
  className: string;
  value: string;
  onChange: (text: string) => void;
};

/** One cell; a day says above it what it is, since it has no placeholder that could. */
function CellField({ field: { label, placeholder, isNumber, isDay }, name, className, value, onChange }: CellProps) {
  const control = (
    <input
      type={isDay ? "date" : "text"}
      aria-label={name}
      placeholder={placeholder}
      autoComplete="off"
      maxLength={isDay ? undefined : 200}
      inputMode={isNumber && "decimal"}
      className={`${CONTROL} ${isNumber ? "figures text-right" : ""} ${isDay ? "" : className}`}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
  if (!isDay) return control;
  return (
    <span className={`min-w-0 ${className}`}>
      <span aria-hidden className="text-soft text-xs">
        {label}
      </span>
      {control}
    </span>
  );
}
