import type { Schemas } from "@/client/schemas";

/** Who is logged in, where, and what they may do. */
export type Me = Schemas["MeOut"];
