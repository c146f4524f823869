import type { Schemas } from "@/client/schemas";

export type Approval = Schemas["ApprovalOut"];
