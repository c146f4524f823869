import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  boundWords,
  curlOf,
  exampleOf,
  matches,
  type OpenApi,
  type Operation,
  operationsByTag,
  refusalsOf,
  typeWords,
} from "./openapi";

const document = JSON.parse(readFileSync("../docs/reference/openapi.json", "utf8")) as OpenApi;
const operations = operationsByTag(document).flatMap(([, group]) => group);

function operation(method: string, path: string): Operation {
  const found = operations.find((each) => each.method === method && each.path === path);
  if (!found) throw new Error(`no ${method} ${path}`);
  return found;
}

describe("the reference", () => {
  it("holds every operation of the document once", () => {
    const count = Object.values(document.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
    expect(operations).toHaveLength(count);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(count);
  });

  it("makes a command that sends what the body needs, under a key of one's own", () => {
    const command = curlOf(operation("POST", "/api/v1/payments"), document, "https://pay.example");
    expect(command).toContain("curl -X POST 'https://pay.example/api/v1/payments'");
    expect(command).toContain("Idempotency-Key: choose-your-own-1");
    const body = JSON.parse(/--data-raw '(.*)'/.exec(command)?.[1] ?? "");
    expect(body).toMatchObject({ reference: "order-1001", amount: { amount: expect.any(Number) } });
    expect(body).not.toHaveProperty("expires_in");
  });

  it("asks for no key where a request changes nothing", () => {
    expect(curlOf(operation("GET", "/api/v1/payments"), document, "")).not.toContain("Idempotency-Key");
  });

  it("names every refusal with its status", () => {
    const refusals = refusalsOf(operation("POST", "/api/v1/payments"));
    expect(refusals).toContainEqual(expect.objectContaining({ status: "409", code: "reference_taken" }));
  });

  it("finds an operation by the words of its path and description", () => {
    expect(matches(operation("POST", "/api/v1/payments"), "post hosted page")).toBe(true);
    expect(matches(operation("POST", "/api/v1/payments"), "webhook")).toBe(false);
  });
});

describe("a schema in words", () => {
  it("says its type, and what it must keep to", () => {
    expect(typeWords({ anyOf: [{ type: "string" }, { type: "null" }] })).toBe("string or null");
    expect(typeWords({ type: "array", items: { $ref: "#/components/schemas/SplitIn" } })).toBe("list of SplitIn");
    expect(boundWords({ type: "integer", minimum: 1, maximum: 100, default: 20 })).toBe(
      "at least 1, at most 100, default 20",
    );
  });

  it("ends where a schema holds itself", () => {
    const own: OpenApi = {
      info: { title: "", version: "" },
      paths: {},
      components: {
        schemas: { Tree: { properties: { child: { $ref: "#/components/schemas/Tree" } }, required: ["child"] } },
      },
    };
    expect(JSON.stringify(exampleOf({ $ref: "#/components/schemas/Tree" }, own)).length).toBeLessThan(200);
  });
});
