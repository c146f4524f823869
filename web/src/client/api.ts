import createClient from "openapi-fetch";
import { lostAnswer, problemOf } from "./problem";

export type Page<Row> = { data: Row[]; has_more: boolean; next_cursor: string | null };
export type Query = Record<string, string | number | boolean | null | undefined>;
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Options = { query?: Query; body?: unknown; idempotencyKey?: string };
type Outcome = { data?: unknown; error?: unknown; response: Response };
type AnyRequest = (method: string, path: string, init: object) => Promise<Outcome>;

const UNAUTHENTICATED = "specie:unauthenticated";

let csrfToken = "";

/** The token of the present session; every write carries it. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Calls the listener whenever the server says that nobody is logged in. Returns the way to stop. */
export function onUnauthenticated(listener: () => void): () => void {
  window.addEventListener(UNAUTHENTICATED, listener);
  return () => window.removeEventListener(UNAUTHENTICATED, listener);
}

// `fetch` is looked up at each call, because the library would keep the one it finds when this file is first read.
const client = createClient({
  baseUrl: "/api/v1",
  credentials: "same-origin",
  fetch: (request) => globalThis.fetch(request),
});

async function call<Answer>(method: Method, path: string, options: Options = {}): Promise<Answer> {
  const outcome = await sendOff(method, path, options);
  if (outcome.response.ok) return outcome.data as Answer;
  const problem = problemOf(outcome.response, outcome.error);
  if (problem.status === 401 && !problem.isWrongProof) {
    window.dispatchEvent(new Event(UNAUTHENTICATED));
  }
  throw problem;
}

async function sendOff(method: Method, path: string, { query, body, idempotencyKey }: Options): Promise<Outcome> {
  const headers: Record<string, string> = {};
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken;
  if (idempotencyKey) headers["Idempotency-Key"] = idempotencyKey;
  const isForm = body instanceof FormData;
  const init = {
    params: { query: dropEmpty(query) },
    headers,
    body,
    ...(isForm && { bodySerializer: (form: FormData) => form }),
  };
  try {
    return await (client.request as unknown as AnyRequest)(method.toLowerCase(), path, init);
  } catch {
    throw lostAnswer(method === "GET");
  }
}

function dropEmpty(query: Query = {}): Query {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value != null && value !== ""));
}

/** The API. Paths are below `/api/v1`; a refusal is thrown as a `Problem`. */
export const api = {
  get: <Answer>(path: string, query?: Query) => call<Answer>("GET", path, { query }),
  post: <Answer>(path: string, body?: unknown, options: Omit<Options, "body"> = {}) =>
    call<Answer>("POST", path, { ...options, body: body ?? {} }),
  patch: <Answer>(path: string, body: unknown) => call<Answer>("PATCH", path, { body }),
  put: <Answer>(path: string, body: unknown) => call<Answer>("PUT", path, { body }),
  delete: <Answer>(path: string) => call<Answer>("DELETE", path),
};
