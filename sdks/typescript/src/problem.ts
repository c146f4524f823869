import type { components } from "./schema.js";

/** One refused field: where, a stable code, and a sentence. */
export type FieldProblem = components["schemas"]["FieldProblem"];

const OWN = new Set([
  "type",
  "title",
  "status",
  "detail",
  "instance",
  "code",
  "request_id",
  "retryable",
  "money_moved",
  "param",
  "errors",
]);

/**
 * The API refused. `code` is stable; `docs` is the path of the page about it.
 *
 * `moneyMoved` is false on every refusal, and null when the platform itself cannot tell: send the same request again,
 * and it answers what became of it. `facts` is what a refusal adds, such as what is available.
 */
export class Problem extends Error {
  readonly code: string;
  readonly detail: string;
  readonly docs: string;
  readonly param: string | null;
  readonly errors: FieldProblem[];
  readonly retryable: boolean;
  readonly requestId: string | null;
  readonly moneyMoved: boolean | null;
  readonly facts: Record<string, unknown>;

  constructor(
    readonly status: number,
    document: Record<string, unknown>,
  ) {
    const code = text(document.code) ?? `http_${status}`;
    const detail = text(document.detail) ?? text(document.title) ?? "Refused";
    super(`${code}: ${detail}`);
    this.name = "Problem";
    this.code = code;
    this.detail = detail;
    this.docs = text(document.type) ?? "";
    this.param = text(document.param);
    this.errors = Array.isArray(document.errors) ? document.errors : [];
    this.retryable = document.retryable === true;
    this.requestId = text(document.request_id);
    // A body that is no problem document came from a proxy, which knows nothing of money.
    this.moneyMoved = typeof document.money_moved === "boolean" ? document.money_moved : null;
    this.facts = Object.fromEntries(Object.entries(document).filter(([name]) => !OWN.has(name)));
  }
}

/** No answer came, after all retries. What happened is unknown: send the same request, with its key, to find out. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super("no answer", { cause });
    this.name = "NoAnswer";
  }
}

/** The error of an answer that is not a success; anything but a problem document is survived. */
export async function problemOf(answer: Response): Promise<Problem> {
  const document: unknown = await answer.json().catch(() => null);
  const isObject = typeof document === "object" && document !== null && !Array.isArray(document);
  return new Problem(answer.status, isObject ? (document as Record<string, unknown>) : {});
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
