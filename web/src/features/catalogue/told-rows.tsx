import type { ImportRow } from "./contract";

/** The rows of a file that are refused, and why, or that are worth a second look. */
export function ToldRows({ rows }: { rows: ImportRow[] }) {
  return (
    <ul className="mt-2 max-h-56 space-y-1 overflow-y-auto text-sm">
      {rows.map((row) => (
        <li key={row.number} className={row.problem ? "text-failed" : "text-soft"}>
          <span className="figures">Row {row.number}</span> {row.sku}: {row.problem ?? row.warning}
        </li>
      ))}
    </ul>
  );
}
