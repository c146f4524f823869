import type { Pipeline, Stage } from "./contract";

/** A stage while it is being edited; without an id it is new. `percent` is what is typed. */
export type StageDraft = { key: string; id: string | null; name: string; outcome: Stage["outcome"]; percent: string };

const CERTAIN = { won: 10_000, lost: 0 } as const;

export function draftsOf(pipeline: Pipeline): StageDraft[] {
  return pipeline.stages.map(({ id, name, outcome, probability_bps: bps }) => ({
    key: id,
    id,
    name,
    outcome,
    percent: String(bps / 100),
  }));
}

/** A percentage as typed, in hundredths of a percent; null for what is none. */
export function bpsOf(percent: string): number | null {
  const match = /^(\d{1,3})(?:[.,](\d{1,2}))?$/.exec(percent.trim());
  const bps = match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
  return bps !== null && bps <= 10_000 ? bps : null;
}

/** How likely a deal at the stage is won: typed while open, certain once it has ended. */
export function likelihoodOf(draft: StageDraft): number | null {
  return draft.outcome === "open" ? bpsOf(draft.percent) : CERTAIN[draft.outcome];
}

/** The list with one of its members a place earlier or later; at the edge it stays as it is. */
export function swapped<Item>(items: Item[], at: number, step: -1 | 1): Item[] {
  const one = items[at];
  const other = items[at + step];
  if (one === undefined || other === undefined) return items;
  return items.map((item, n) => (n === at ? other : n === at + step ? one : item));
}

/** The stages that are left out of the drafts. */
export function leftOut(pipeline: Pipeline, drafts: StageDraft[]): Stage[] {
  const kept = new Set(drafts.map(({ id }) => id));
  return pipeline.stages.filter(({ id }) => !kept.has(id));
}
