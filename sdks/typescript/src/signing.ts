import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Fetch } from "./retry.js";

/** What only a signed request may ask for: servers send their payouts here. */
const SIGNED = "/api/v1/server/";

/** A request as its signature covers it: every byte that decides what it does. */
export interface Signable {
  method: string;
  url: string;
  body: string | Uint8Array;
  /** Seconds since 1970. */
  timestamp: string;
  /** 16 to 64 letters, digits, `-` or `_`, never used before. */
  nonce: string;
}

/** The `Specie-Signature` of a request, under the signing secret of an API key. */
export function signatureOf(request: Signable, secret: string): string {
  const digest = createHash("sha256").update(request.body).digest("hex");
  const text = ["v1", request.method, target(request.url), request.timestamp, request.nonce, digest].join("\n");
  return `v1=${createHmac("sha256", secret).update(text).digest("hex")}`;
}

/** A fetch that signs what has to be signed, with a fresh time and nonce each time, so that a repetition is none. */
export function signing(inner: Fetch, secret: string): Fetch {
  return async (request) => {
    if (!isSigned(request)) return inner(request);
    const body = new Uint8Array(await request.clone().arrayBuffer());
    const timestamp = String(Math.floor(Date.now() / 1000));
    const nonce = randomBytes(24).toString("base64url");
    const signature = signatureOf({ method: request.method, url: request.url, body, timestamp, nonce }, secret);
    const headers = new Headers(request.headers);
    headers.set("Specie-Timestamp", timestamp);
    headers.set("Specie-Nonce", nonce);
    headers.set("Specie-Signature", signature);
    return inner(new Request(request, { headers }));
  };
}

/** Whether a request goes where only signed ones are taken. */
export function isSigned(request: Request): boolean {
  return new URL(request.url).pathname.startsWith(SIGNED);
}

/** Path and query as both sides write them: parameters in the order of their code points, spaces as plus signs. */
function target(url: string): string {
  const { pathname, searchParams } = new URL(url);
  const order = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));
  const sorted = [...searchParams].sort((one, other) => order(one[0], other[0]) || order(one[1], other[1]));
  // The two characters that this way of writing treats differently from the platform's.
  const query = new URLSearchParams(sorted).toString().replaceAll("%7E", "~").replaceAll("*", "%2A");
  return query === "" ? pathname : `${pathname}?${query}`;
}
