import { describe, expect, it } from "vitest";
import { asCurl } from "./curl";

const request = {
  method: "POST",
  path: "/api/v1/payments",
  query: "",
  request_body: '{"description":"Sari\'s coffee; $(reboot)"}',
  idempotency_key: "key-1",
};

describe("a request as a command", () => {
  it("keeps quotes and expansions of the body as text", () => {
    const command = asCurl(request, "https://pay.example");
    expect(command).toContain(`--data-raw '{"description":"Sari'\\''s coffee; $(reboot)"}'`);
    expect(command).toContain("'https://pay.example/api/v1/payments'");
    expect(command).toContain("'Idempotency-Key: key-1'");
  });

  it("never holds a key, only where to take it from", () => {
    expect(asCurl(request, "https://pay.example")).toContain("Bearer $SPECIE_API_KEY");
  });
});
