import { allCurrencies, exponentOf, formatMoney } from "@/lib/money";

export type FieldError = { pointer?: string; code: string; message: string };

type ProblemBody = {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  param?: string | null;
  request_id?: string;
  retryable?: boolean;
  money_moved?: boolean | "unknown" | null;
  errors?: FieldError[] | null;
};

const WRONG_PROOF = ["credentials_invalid", "second_factor_required", "second_factor_invalid"];

/** A refusal of the API. `moneyMoved` is null when nobody can know yet, as after a lost answer. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly param: string | null;
  readonly requestId: string | null;
  readonly retryable: boolean;
  readonly moneyMoved: boolean | null;
  readonly errors: FieldError[];

  constructor(body: ProblemBody, status: number, requestId: string | null = null) {
    super(body.title ?? "Something went wrong");
    this.name = "Problem";
    this.code = body.code ?? "unknown";
    this.status = body.status ?? status;
    this.title = body.title ?? "Something went wrong";
    const detail = asSaid(body.detail ?? "");
    // A refusal that has no more to say repeats its title.
    this.detail = detail.toLowerCase() === this.title.toLowerCase() ? "" : detail;
    this.param = body.param ?? null;
    this.requestId = body.request_id ?? requestId;
    this.retryable = body.retryable ?? status >= 500;
    this.moneyMoved = movedOf(body, status);
    this.errors = (body.errors ?? []).map((error) => ({ ...error, message: asSaid(error.message) }));
  }

  /** Whether the server decided. A decision is stored under the idempotency key; anything else may be sent again with the same key. */
  get isDecision(): boolean {
    return this.status >= 400 && this.status < 500 && ![408, 409, 425, 429].includes(this.status);
  }

  /** A mistyped password or code, for instance while changing the password: the session itself is still good. */
  get isWrongProof(): boolean {
    return WRONG_PROOF.includes(this.code);
  }

  /** The message for one field of a form, also one within a list as `lines.2.name`; null when it is not about it. */
  messageFor(field: string): string | null {
    const whole = `/${field.replaceAll(".", "/")}`;
    const error = this.errors.find(({ pointer }) => pointer === whole || pointer?.split("/").includes(field));
    if (error) return error.message;
    return this.param === field ? this.detail || this.title : null;
  }
}

// A word that begins a sentence, unlike the code of an account or the name of a field.
const FIRST_WORD = /^[a-z]+(?=[ ,;’'])/;
const AMOUNT = /(?<![\w.-])(-?)(\d+)(?:\.(\d+))? ([A-Z]{3})\b/g;

/** What the server says to programs, as people read it: from a capital letter on, and with amounts as everywhere else. */
function asSaid(text: string): string {
  return text
    .replace(FIRST_WORD, (word) => word.charAt(0).toUpperCase() + word.slice(1))
    .replace(AMOUNT, (whole, sign: string, units: string, fraction = "", currency: string) => {
      const isAmount =
        fraction.length === exponentOf(currency) && allCurrencies().some(({ code }) => code === currency);
      return isAmount ? formatMoney({ amount: Number(`${sign}${units}${fraction}`), currency }, "en") : whole;
    });
}

// Without a word about it, only a fault of the server leaves the question open.
function movedOf({ money_moved: said }: ProblemBody, status: number): boolean | null {
  if (typeof said === "boolean") return said;
  return said === undefined && status > 0 && status < 500 ? false : null;
}

/** The problem of an answer that is not a success, whatever its body looks like. */
export function problemOf(response: Response, body: unknown): Problem {
  const shape = typeof body === "object" && body !== null ? (body as ProblemBody) : {};
  return new Problem(shape, response.status, response.headers.get("Request-Id"));
}

/** No answer came: the request may or may not have arrived. */
export function lostAnswer(isRead: boolean): Problem {
  return new Problem(
    {
      code: "no_answer",
      title: "No answer from the server",
      detail: isRead ? "Check your connection and try again." : "The request may or may not have arrived.",
      retryable: true,
      money_moved: isRead ? false : null,
    },
    0,
  );
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem({ title: "This page hit a fault", money_moved: false }, 0);
}
