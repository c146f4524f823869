import { api } from "@/client/api";
import { type IdempotencyKey, useIdempotencyKey } from "@/client/idempotency";
import { asProblem } from "@/client/problem";

/** Posts under a key that lasts until the answer is known, so that sending once more repeats nothing. */
export function useKeyedPost() {
  const key: IdempotencyKey = useIdempotencyKey();
  return async <Answer>(path: string, body: unknown): Promise<Answer> => {
    try {
      const answer = await api.post<Answer>(path, body, { idempotencyKey: key.for(body) });
      key.settle(null);
      return answer;
    } catch (error) {
      key.settle(asProblem(error));
      throw error;
    }
  };
}
