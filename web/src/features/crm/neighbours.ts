import type { Stage } from "./contract";

/** The stage beside another one, or null at the edge of the board. */
export function neighbour(stages: Stage[], stageId: string, step: -1 | 1): Stage | null {
  const at = stages.findIndex((stage) => stage.id === stageId);
  return at < 0 ? null : (stages[at + step] ?? null);
}

/** Who is mentioned: the colleagues whose `@name` still stands in the text. */
export function mentionedIn(text: string, colleagues: { user_id: string; name: string }[]): string[] {
  return colleagues.filter(({ name }) => text.includes(`@${name}`)).map(({ user_id }) => user_id);
}

/** What is typed behind the last `@`, while it may still become a name; null when no name is being typed. */
export function typedName(text: string): string | null {
  const match = /(?:^|\s)@([^@\n]{0,40})$/.exec(text);
  return match ? (match[1] ?? "") : null;
}
