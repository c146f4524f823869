import { Webhook } from "standardwebhooks";

/** The body of a webhook. */
export interface WebhookMessage {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** The signature is wrong, missing or malformed, or the message is older than five minutes. */
export class NotGenuine extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : "not genuine", { cause });
    this.name = "NotGenuine";
  }
}

/**
 * The message of a webhook request, given the raw text of its body and the endpoint's `whsec_` secret.
 *
 * Throws NotGenuine. Keep the ids of messages you have worked on: every one may come twice.
 */
export function verifyWebhook(
  body: string | Buffer,
  headers: Headers | Record<string, string | string[] | undefined>,
  secret: string,
): WebhookMessage {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const lowered = Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value ?? "")]));
  try {
    return new Webhook(secret).verify(body, lowered) as WebhookMessage;
  } catch (error) {
    throw new NotGenuine(error);
  }
}
