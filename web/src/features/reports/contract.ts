import type { Schemas } from "@/client/schemas";

export type RequestRow = Schemas["RequestOut"];
export type RequestTrace = Schemas["RequestTraceOut"];
