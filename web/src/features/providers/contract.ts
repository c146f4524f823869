import type { Schemas } from "@/client/schemas";

export type CallbackRow = Schemas["CallbackOut"];
export type CallbackDetail = Schemas["CallbackDetail"];
