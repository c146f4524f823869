import { describe, expect, it } from "vitest";
import { actorWords, idIn } from "./id-in";

const PARTY = "pty_01m7z520s0ff5870ff880wfp80";

describe("the id in a text", () => {
  it("is found alone, behind a kind and inside an account's code", () => {
    expect(idIn(PARTY)).toBe(PARTY);
    expect(idIn(`user:${PARTY}`)).toBe(PARTY);
    expect(idIn(`liability:wallets:${PARTY}:main:available`)).toBe(PARTY);
  });

  it("is nothing where the text only looks like one", () => {
    expect(idIn("system:demo")).toBeNull();
    expect(idIn(`${PARTY}0`)).toBeNull();
    expect(idIn("webhook_endpoint.create")).toBeNull();
  });
});

describe("who acted", () => {
  it("is said with its kind in words", () => {
    expect(actorWords("job:payments.expire")).toBe("Job payments.expire");
    expect(actorWords("system:demo")).toBe("System demo");
  });

  it("keeps a kind it does not know", () => {
    expect(actorWords("robot:7")).toBe("robot 7");
  });
});
