export type ToldRow = { number: number; what: string; problem: string | null; warning: string | null };

/** The rows of a file that are refused, and why, or that are worth a second look. */
export function ToldRows({ rows }: { rows: ToldRow[] }) {
  return (
    <ul className="mt-2 max-h-56 space-y-1 overflow-y-auto text-sm">
      {rows.map((row) => (
        <li key={row.number} className={row.problem ? "text-failed" : "text-soft"}>
          <span className="figures">Row {row.number}</span> {row.what}: {row.problem ?? row.warning}
        </li>
      ))}
    </ul>
  );
}
