export type AuditRow = {
  id: string;
  n: number | null;
  at: string;
  actor: string;
  action: string;
  subject: { kind: string; id: string };
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
  request_id: string;
  session_id: string | null;
  idempotency_key: string | null;
};
