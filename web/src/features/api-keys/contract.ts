import type { Schemas } from "@/client/schemas";

export type ApiKey = Schemas["ApiKeyOut"];

/** Whether a key works, in one word. */
export function stateOfKey(key: Pick<ApiKey, "revoked_at" | "expires_at" | "rotated_to">, now: Date): string {
  if (key.revoked_at && new Date(key.revoked_at) <= now) return "revoked";
  if (new Date(key.expires_at) <= now) return "expired";
  return key.rotated_to ? "replaced" : "active";
}

// What the server never gives a key: a person's own account, and giving out access.
const NEVER = ["account:self", "members:write", "api_keys:write", "platform:admin"];

/** The permissions that somebody with these may give to a key. */
export function grantable(permissions: string[]): string[] {
  return permissions.filter((permission) => !NEVER.includes(permission)).sort();
}

export type Budget = Schemas["BudgetOut"];
export type Budgets = Schemas["BudgetsOut"];
export type Member = Schemas["MemberOut"];
