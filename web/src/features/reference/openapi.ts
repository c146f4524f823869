import { asCurl } from "@/features/reports/curl";

/** The part of an OpenAPI 3.1 document that the reference shows. */
export type Schema = {
  $ref?: string;
  type?: string;
  format?: string;
  title?: string;
  description?: string;
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
};
export type Parameter = { name: string; in: string; required?: boolean; description?: string; schema: Schema };
type Example = { summary?: string; value?: { code?: string; detail?: string; retryable?: boolean } };
type Content = Record<string, { schema?: Schema; examples?: Record<string, Example> }>;
type Responses = Record<string, { description: string; content?: Content }>;
type Described = {
  tags?: string[];
  summary: string;
  description?: string;
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Responses;
  security?: unknown[];
  "x-permission"?: string;
};
export type OpenApi = {
  info: { title: string; version: string };
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
};

export type Operation = Described & { id: string; method: string; path: string; tag: string };
export type Refusal = { status: string; code: string; title: string; detail: string; retryable: boolean };

const JSON_TYPE = "application/json";
const PROBLEM_TYPE = "application/problem+json";

/** Every operation by its group, in the order of the document. */
export function operationsByTag(document: OpenApi): [tag: string, operations: Operation[]][] {
  const groups = new Map<string, Operation[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const tag = described.tags?.[0] ?? "Other";
      const operation = { ...described, id: described.operationId, method: method.toUpperCase(), path, tag };
      groups.set(tag, [...(groups.get(tag) ?? []), operation]);
    }
  }
  return [...groups];
}

/** Whether an operation has every word of the text in its path, name or description. */
export function matches(operation: Operation, text: string): boolean {
  const said =
    `${operation.method} ${operation.path} ${operation.summary} ${operation.description ?? ""}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

/** The schema a reference stands for; a schema without one is itself. */
export function resolved(schema: Schema, document: OpenApi): Schema {
  if (!schema.$ref) return schema;
  const name = schema.$ref.split("/").at(-1) ?? "";
  return document.components.schemas[name] ?? {};
}

/** The schema a value has when it is there: without the "or null" around it. */
export function present(schema: Schema): Schema {
  const choices = schema.anyOf?.filter((choice) => choice.type !== "null");
  return choices?.length === 1 ? { ...schema, anyOf: undefined, ...choices[0] } : schema;
}

/** A schema's type in one line, such as `list of SplitIn` or `text or null`. */
export function typeWords(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split("/").at(-1) ?? "object";
  if (schema.anyOf) return schema.anyOf.map(typeWords).join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.type === "array") return `list of ${schema.items ? typeWords(schema.items) : "anything"}`;
  if (schema.format) return `${schema.type} (${schema.format})`;
  return schema.type ?? "anything";
}

const BOUNDS: [keyof Schema, string][] = [
  ["minimum", "at least"],
  ["exclusiveMinimum", "more than"],
  ["maximum", "at most"],
  ["minLength", "shortest"],
  ["maxLength", "longest"],
  ["minItems", "fewest"],
  ["maxItems", "most"],
  ["pattern", "pattern"],
  ["default", "default"],
];

/** What a value must keep to, in words: `at least 1, at most 100, default 20`. */
export function boundWords(schema: Schema): string {
  const inner = present(schema);
  return BOUNDS.flatMap(([key, word]) => {
    const value = inner[key];
    if (value === undefined || value === null || value === "") return [];
    return [`${word} ${typeof value === "object" ? JSON.stringify(value) : value}`];
  }).join(", ");
}

/** A body that shows the required fields, and others only where the document has an example of them. */
export function exampleOf(schema: Schema, document: OpenApi, depth = 0): unknown {
  const shown = resolved(present(schema), document);
  if (shown.examples?.length) return shown.examples[0];
  if (shown.enum) return shown.enum[0];
  if (shown.default !== undefined && shown.default !== null) return shown.default;
  if (shown.properties && depth < 5) {
    const needed = Object.entries(shown.properties).filter(
      ([name, property]) => shown.required?.includes(name) || present(property).examples,
    );
    return Object.fromEntries(needed.map(([name, property]) => [name, exampleOf(property, document, depth + 1)]));
  }
  if (shown.type === "array") return shown.items ? [exampleOf(shown.items, document, depth + 1)] : [];
  if (shown.type === "integer" || shown.type === "number") return shown.minimum ?? 1;
  if (shown.type === "boolean") return true;
  if (shown.type === "object") return {};
  return shown.format === "date-time" ? "2026-11-21T09:00:00Z" : shown.format === "date" ? "2026-11-21" : "…";
}

/** The schema of the body that is sent, and whether it is JSON; null where none is. */
export function bodyOf(operation: Operation): Schema | null {
  return Object.values(operation.requestBody?.content ?? {})[0]?.schema ?? null;
}

/** What is answered when all goes well: its status, and the schema of what it holds. */
export function answersOf(operation: Operation): { status: string; schema: Schema | null; type: string | null }[] {
  return Object.entries(operation.responses)
    .filter(([status]) => status < "400")
    .map(([status, { content }]) => {
      const [type, held] = Object.entries(content ?? {})[0] ?? [null, null];
      return { status, schema: held?.schema ?? null, type };
    });
}

/** Every refusal the operation may answer with, by its code. */
export function refusalsOf(operation: Operation): Refusal[] {
  return Object.entries(operation.responses).flatMap(([status, { content }]) =>
    Object.entries(content?.[PROBLEM_TYPE]?.examples ?? {}).map(([code, { summary, value }]) => ({
      status,
      code,
      title: summary ?? code,
      detail: value?.detail ?? "",
      retryable: value?.retryable ?? false,
    })),
  );
}

/** Whether the operation takes an `Idempotency-Key`. */
export function takesKey(operation: Operation): boolean {
  return refusalsOf(operation).some(({ code }) => code === "idempotency_key_invalid");
}

/** The operation as a command for a shell, with examples for what it needs. */
export function curlOf(operation: Operation, document: OpenApi, origin: string): string {
  const needed = (operation.parameters ?? []).filter((parameter) => parameter.in === "query" && parameter.required);
  const query = needed.map(({ name, schema }) => `${name}=${exampleOf(schema, document)}`).join("&");
  const body = operation.requestBody?.content[JSON_TYPE]?.schema;
  return asCurl(
    {
      method: operation.method,
      path: operation.path,
      query,
      request_body: body ? JSON.stringify(exampleOf(body, document)) : null,
      idempotency_key: takesKey(operation) ? "choose-your-own-1" : null,
    },
    origin,
  );
}
