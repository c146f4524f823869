import type { ReactNode } from "react";

type Props = {
  legend: string;
  name: string;
  options: [value: string, name: ReactNode][];
  checked?: string[];
};

/** Any number out of few; a form reads them with `getAll(name)`. */
export function CheckList({ legend, name, options, checked = [] }: Props) {
  return (
    <fieldset className="space-y-1">
      <legend className="mb-1 font-medium text-sm">{legend}</legend>
      <div className="grid max-h-56 gap-1 overflow-y-auto rounded-md border border-rule p-3 sm:grid-cols-2">
        {options.map(([value, label]) => (
          <label key={value} className="flex min-h-6 items-center gap-2 text-xs">
            <input type="checkbox" name={name} value={value} defaultChecked={checked.includes(value)} />
            <span className="min-w-0 [overflow-wrap:anywhere]">{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
