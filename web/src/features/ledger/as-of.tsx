import { dayAfter, startOfBusinessDay } from "@/lib/dates";
import { Chips } from "@/ui/chips";
import { TextField } from "@/ui/field";

/** A business day, and whether what was recorded by its end counts or what was effective by then; no day means now. */
export type AsOf = { as_of: string; by: string };

const RECORDED = "recorded";

/** What the API is asked for. A day is recorded up to the moment the next one begins. */
export function asOfQuery({ as_of: day, by }: AsOf, zone: string): { effective_on?: string; recorded_at?: string } {
  if (day === "") return {};
  return by === RECORDED ? { recorded_at: startOfBusinessDay(dayAfter(day), zone) } : { effective_on: day };
}

/** The same view in the address of another page, after its first parameter. */
export function asOfSearch({ as_of: day, by }: AsOf): string {
  if (day === "") return "";
  return `&as_of=${day}${by === RECORDED ? "&by=recorded" : ""}`;
}

export function asOfInWords({ as_of: day, by }: AsOf): string {
  if (by === RECORDED) return `What was on record at the end of ${day}`;
  return `Everything effective up to the end of ${day}, as known now`;
}

type Props = { view: AsOf; onChange: (part: Partial<AsOf>) => void };

export function AsOfFields({ view, onChange }: Props) {
  return (
    <>
      <div className="w-44">
        <TextField
          label="As of"
          type="date"
          value={view.as_of}
          onChange={(event) => onChange({ as_of: event.target.value })}
        />
      </div>
      {view.as_of !== "" && (
        <Chips
          label="Which time counts"
          value={view.by}
          onChange={(by) => onChange({ by })}
          options={[
            ["", "Effective"],
            [RECORDED, "Recorded"],
          ]}
        />
      )}
    </>
  );
}
