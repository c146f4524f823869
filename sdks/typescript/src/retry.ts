import { NoAnswer, type Problem, problemOf } from "./problem.js";

/** When a request is sent again: at most `most` times, with pauses that double from `firstMs` up to `longestMs`. */
export interface Retries {
  most: number;
  firstMs: number;
  /** The longest pause; an answer whose Retry-After is longer is thrown at once. */
  longestMs: number;
}

export type Fetch = (request: Request) => Promise<Response>;

const GATEWAYS = new Set([502, 503, 504]);
const KEY = "Idempotency-Key";

/** A fresh idempotency key, to keep beside your own order. */
export function newKey(): string {
  return crypto.randomUUID();
}

/**
 * A fetch that repeats what may be repeated and throws what is refused.
 *
 * Every request that is not a GET gets an Idempotency-Key unless it has one, and keeps it on each repetition.
 */
export function retrying(inner: Fetch, retries: Retries, timeoutMs: number): Fetch {
  return async (request) => {
    const keyed = withKey(request);
    for (let done = 1; ; done += 1) {
      let pause: number | null;
      try {
        const answer = await inner(new Request(keyed.clone(), { signal: limit(keyed, timeoutMs) }));
        if (answer.ok) return answer;
        const problem = await problemOf(answer);
        pause = pauseAfter(problem, answer.headers, done, retries);
        if (pause === null) throw problem;
      } catch (error) {
        if (isProblem(error) || keyed.signal.aborted) throw error;
        if (done > retries.most) throw new NoAnswer(error);
        pause = backoff(done, retries);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
}

function withKey(request: Request): Request {
  if (request.method === "GET" || request.headers.has(KEY)) return request;
  const headers = new Headers(request.headers);
  headers.set(KEY, newKey());
  return new Request(request, { headers });
}

/** Each try has its own time limit, and the caller's own signal ends them all. */
function limit(request: Request, timeoutMs: number): AbortSignal {
  return AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
}

function pauseAfter(problem: Problem, headers: Headers, done: number, retries: Retries): number | null {
  const mayPass = problem.retryable || problem.status === 429 || GATEWAYS.has(problem.status);
  if (done > retries.most || !mayPass) return null;
  const asked = headers.get("Retry-After") ?? "";
  if (!/^\d+$/.test(asked)) return backoff(done, retries);
  const milliseconds = Number(asked) * 1000;
  return milliseconds <= retries.longestMs ? milliseconds : null;
}

/** Random, so that clients do not all come back together. */
function backoff(done: number, retries: Retries): number {
  const ceiling = Math.min(retries.firstMs * 2 ** (done - 1), retries.longestMs);
  return ceiling * (0.5 + Math.random() / 2);
}

function isProblem(error: unknown): error is Problem {
  return error instanceof Error && error.name === "Problem";
}
