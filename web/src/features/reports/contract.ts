export type RequestRow = {
  request_id: string;
  at: string;
  method: string;
  route: string;
  path: string;
  query: string;
  status: number;
  duration_ms: number;
  principal: string;
  idempotency_key: string | null;
  replayed: boolean;
  problem_code: string | null;
};
