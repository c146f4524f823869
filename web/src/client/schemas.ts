import type { components } from "./schema";

/** The wire shapes, generated from the API's description by `npm run client`. */
export type Schemas = components["schemas"];
