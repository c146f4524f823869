import { describe, expect, it } from "vitest";
import { asProblem, lostAnswer, Problem, problemOf } from "./problem";

const refusal = {
  title: "Not enough money",
  status: 422,
  detail: "The wallet has less.",
  code: "insufficient_funds",
  param: "amount",
  request_id: "req_1",
  retryable: false,
  money_moved: false,
};

describe("problem", () => {
  it("reads a problem document", () => {
    const problem = problemOf(new Response(null, { status: 422 }), refusal);
    expect(problem).toMatchObject({
      code: "insufficient_funds",
      requestId: "req_1",
      moneyMoved: false,
      isDecision: true,
    });
    expect(problem.messageFor("amount")).toBe("The wallet has less.");
    expect(problem.messageFor("to")).toBeNull();
  });

  it("says to people what is meant for programs too: as a sentence, with amounts in figures", () => {
    const said = (detail: string) => new Problem({ ...refusal, detail }, 422);
    expect(said("one transfer may be at most 10000000.00 IDR").detail).toBe(
      "One transfer may be at most IDR\u00a010,000,000.00",
    );
    expect(said("-98000 JPY is available").messageFor("amount")).toBe("\u2212JPY\u00a098,000 is available");
    expect(said("asset:bank:main holds 1.005 KWD").detail).toBe("asset:bank:main holds KWD\u00a01.005");
    expect(said("at most 5 MBX, not 7.5 IDR").detail).toBe("At most 5 MBX, not 7.5 IDR");
  });

  it("does not say the same thing twice, and still names it at the field", () => {
    const problem = new Problem({ ...refusal, detail: "not enough money" }, 422);
    expect(problem.detail).toBe("");
    expect(problem.messageFor("amount")).toBe("Not enough money");
  });

  it("finds the message of a field by its pointer", () => {
    const problem = new Problem(
      { ...refusal, errors: [{ pointer: "/to/email", code: "bad", message: "No such" }] },
      422,
    );
    expect(problem.messageFor("to")).toBe("No such");
    expect(problem.messageFor("to.email")).toBe("No such");
    expect(problem.messageFor("from.email")).toBeNull();
  });

  it("takes the request id from the header where the body is not ours", () => {
    const response = new Response("<html>", { status: 502, headers: { "Request-Id": "req_2" } });
    const problem = problemOf(response, "<html>");
    expect(problem).toMatchObject({ status: 502, requestId: "req_2", retryable: true, isDecision: false });
  });

  it("does not claim that no money moved when the server failed or no answer came", () => {
    expect(problemOf(new Response(null, { status: 500 }), undefined).moneyMoved).toBeNull();
    expect(lostAnswer(false).moneyMoved).toBeNull();
    expect(lostAnswer(true).moneyMoved).toBe(false);
  });

  it("reads an unknown outcome as one that nobody knows yet", () => {
    expect(new Problem({ code: "outcome_unknown", money_moved: "unknown" }, 409).moneyMoved).toBeNull();
  });

  it("does not take a running twin or a rate limit for a decision", () => {
    expect(new Problem({}, 409).isDecision).toBe(false);
    expect(new Problem({}, 429).isDecision).toBe(false);
  });

  it("turns any fault into a problem", () => {
    expect(asProblem(new TypeError("x")).title).toBe("This page hit a fault");
  });
});
