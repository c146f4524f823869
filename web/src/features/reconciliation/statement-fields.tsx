import { TextField } from "@/ui/field";
import type { Source } from "./contract";
import { CsvFields } from "./csv-fields";

type Props = {
  known?: Source;
  hasCsv: boolean;
  onCsv: (hasCsv: boolean) => void;
  messageFor: (name: string) => string | null;
};

/** Which account a source's statements are of, and how their files are written. */
export function StatementFields({ known, hasCsv, onCsv, messageFor }: Props) {
  return (
    <>
      <TextField
        label="Account number on the statement"
        name="statement_account"
        maxLength={60}
        defaultValue={known?.statement_account}
        hint="A statement of another account is refused; empty: any"
        error={messageFor("statement_account")}
      />
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" checked={hasCsv} onChange={(event) => onCsv(event.target.checked)} />
        Its files may be CSV (camt.053 and MT940 need no description)
      </label>
      {hasCsv && <CsvFields messageFor={messageFor} known={known?.csv} />}
    </>
  );
}
