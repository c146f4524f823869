import type { Specie } from "./client.js";
import type { components, paths } from "./schema.js";

type Json<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

/** What a list holds. */
export type Item<P extends keyof paths> = Json<P> extends { data: (infer T)[]; next_cursor: string | null } ? T : never;

/** The paths that answer page by page. */
export type ListPath = { [P in keyof paths]: [Item<P>] extends [never] ? never : P }[keyof paths];

type Parameters<P extends ListPath> = paths[P] extends { get: { parameters: infer Given } }
  ? Omit<Given, "header" | "cookie">
  : never;

export type Event = components["schemas"]["EventOut"];

interface Page<T> {
  data: T[];
  has_more: boolean;
  next_cursor: string | null;
}

/** Every item of a list: `for await (const payment of each(specie, "/api/v1/payments", { query: { status: "paid" } }))`. */
export async function* each<P extends ListPath>(
  specie: Specie,
  path: P,
  params?: Parameters<P>,
): AsyncGenerator<Item<P>> {
  // The type of a call depends on its path, which is not known here; `Page` is what all of these paths answer.
  const get = specie.GET as unknown as (path: P, options: object) => Promise<{ data: Page<Item<P>> }>;
  const given = (params ?? {}) as { query?: object };
  let cursor: string | null = null;
  do {
    const query: object = cursor === null ? { ...given.query } : { ...given.query, cursor };
    const { data }: { data: Page<Item<P>> } = await get(path, { params: { ...given, query } });
    yield* data.data;
    cursor = data.has_more ? data.next_cursor : null;
  } while (cursor !== null);
}

/** Every event up to now, in the order of their numbers, after number `after`. */
export async function* events(specie: Specie, options: { after?: number; type?: string } = {}): AsyncGenerator<Event> {
  let { after = 0, ...filters } = options;
  for (;;) {
    const { data } = await specie.GET("/api/v1/events", { params: { query: { ...filters, after } } });
    if (data === undefined) return;
    yield* data.data;
    if (!data.has_more) return;
    after = data.next_after;
  }
}
