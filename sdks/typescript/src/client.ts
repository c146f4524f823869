import createOpenApi, { type Client as OpenApi } from "openapi-fetch";
import { type Fetch, type Retries, retrying } from "./retry.js";
import type { paths } from "./schema.js";
import { isSigned, signing } from "./signing.js";

export interface Options {
  apiKey: string;
  /** Default: http://127.0.0.1:8000 */
  url?: string;
  retries?: Partial<Retries>;
  /** For each try, in milliseconds. Default: 30,000 */
  timeoutMs?: number;
  /** The secret of the key's payout signing, `sps_…`: requests below /api/v1/server/ are signed with it, each try anew. */
  signingSecret?: string;
  /** What sends; default: the fetch of the platform. */
  fetch?: Fetch;
}

/** Every path and method of the API, typed by its document: `specie.POST("/api/v1/transfers", { body })`. */
export interface Specie extends OpenApi<paths> {
  /** The same client, whose money calls are rehearsals: they answer what would happen, and nothing is kept. */
  rehearsal: OpenApi<paths>;
}

/** A client. Its calls throw Problem when refused and NoAnswer when nothing came back; `answer` takes the data out. */
export function createClient(options: Options): Specie {
  const inner = options.fetch ?? ((request: Request) => fetch(request));
  const retries = { most: 4, firstMs: 250, longestMs: 30_000, ...options.retries };
  const sending = armed(inner, retries, options);
  const made = openApi(options, sending);
  return Object.assign(made, { rehearsal: openApi(options, (request) => sending(rehearsed(request))) });
}

/** The data of a call: `const transfer = await answer(specie.POST("/api/v1/transfers", { body }))`. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call;
  if (data === undefined || data === null) throw new TypeError("the answer has no body");
  return data;
}

/** Sends and repeats; what would have to be signed is refused at once where there is no secret to sign it with. */
function armed(inner: Fetch, retries: Retries, options: Options): Fetch {
  const { signingSecret, timeoutMs = 30_000 } = options;
  if (signingSecret !== undefined) return retrying(signing(inner, signingSecret), retries, timeoutMs);
  const sending = retrying(inner, retries, timeoutMs);
  return async (request) => {
    if (isSigned(request)) throw new TypeError("this request is signed: give createClient the key's signingSecret");
    return sending(request);
  };
}

function openApi(options: Options, sending: Fetch): OpenApi<paths> {
  return createOpenApi<paths>({
    baseUrl: (options.url ?? "http://127.0.0.1:8000").replace(/\/+$/, ""),
    headers: { Authorization: `Bearer ${options.apiKey}` },
    fetch: sending,
  });
}

function rehearsed(request: Request): Request {
  const url = new URL(request.url);
  url.searchParams.set("dry_run", "true");
  return new Request(url, request);
}
