import type { Schemas } from "@/client/schemas";

export type AuditRow = Schemas["AuditOut"];
