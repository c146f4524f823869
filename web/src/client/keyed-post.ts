import { api } from "./api";
import { type IdempotencyKey, useIdempotencyKey } from "./idempotency";
import { asProblem } from "./problem";

/**
 * Posts under a key that lasts until the answer is known, so that sending once more repeats nothing. What is asked is
 * its body, or what stands for it where the body alone does not say it.
 */
export function useKeyedPost() {
  const key: IdempotencyKey = useIdempotencyKey();
  return async <Answer>(path: string, body: unknown, asked: unknown = body): Promise<Answer> => {
    try {
      const answer = await api.post<Answer>(path, body, { idempotencyKey: key.for(asked) });
      key.settle(null);
      return answer;
    } catch (error) {
      key.settle(asProblem(error));
      throw error;
    }
  };
}
