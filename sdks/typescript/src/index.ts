export { answer, createClient, type Options, type Specie } from "./client.js";
export { type Event, each, events, type Item, type ListPath } from "./lists.js";
export { type FieldProblem, NoAnswer, Problem } from "./problem.js";
export { newKey, type Retries } from "./retry.js";
export type { components, paths } from "./schema.js";
export { type Signable, signatureOf } from "./signing.js";
export { NotGenuine, verifyWebhook, type WebhookMessage } from "./webhooks.js";
