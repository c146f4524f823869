import { describe, expect, it } from "vitest";
import type { Payment } from "./contract";
import { nextLook, statusOf, stepsOf } from "./payment-steps";

const STEP = { from_status: null, callback_id: null };

function payment(changes: Partial<Payment>): Payment {
  return {
    id: "pay_1",
    status: "paid",
    attempts: [{ id: "att_1", number: 1, method: "qr" }],
    timeline: [],
    entries: [],
    events: [{ id: "evt_1", n: 3, type: "payment.paid", at: "2026-11-21T10:00:02Z" }],
    deliveries: [],
    refunds: [],
    refunded: { amount: 0, currency: "IDR" },
    captured: { amount: 5000, currency: "IDR" },
    captures: [],
    disputes: [],
    settlements: [],
    disputed: false,
    ...changes,
  } as unknown as Payment;
}

describe("nextLook", () => {
  it("follows whatever can still change, and rests when all has been told", () => {
    expect(nextLook(payment({ status: "pending" }))).toBeTypeOf("number");
    expect(nextLook(payment({ status: "expired" }))).toBeTypeOf("number");
    expect(nextLook(payment({ events: [] }))).toBeTypeOf("number");
    expect(nextLook(payment({}))).toBe(false);
  });

  it("waits for the first try of every delivery", () => {
    const delivery = { id: "dlv_1", event_type: "payment.paid", state: "pending", attempts: 0, last_status: null };
    expect(nextLook(payment({ deliveries: [delivery] }))).toBeTypeOf("number");
    expect(nextLook(payment({ deliveries: [{ ...delivery, state: "delivered", attempts: 1 }] }))).toBe(false);
  });
});

describe("statusOf", () => {
  it("says how much of a paid payment went back", () => {
    const back = (amount: number) => payment({ refunded: { amount, currency: "IDR" } });
    expect([0, 4999, 5000].map((minor) => statusOf(back(minor)))).toEqual(["paid", "partially_refunded", "refunded"]);
  });
});

describe("stepsOf", () => {
  it("tells one moment once and names the way to pay", () => {
    const at = "2026-11-21T10:00:00Z";
    const steps = stepsOf(
      payment({
        timeline: [
          { ...STEP, at, object: "pay_1", kind: "payment", status: "pending", cause: "qr chosen" },
          { ...STEP, at, object: "att_1", kind: "attempt", status: "created", cause: "qr chosen" },
          {
            ...STEP,
            at: "2026-11-21T10:00:01Z",
            object: "att_1",
            kind: "attempt",
            status: "pending",
            cause: "answer: open",
          },
        ],
      }),
    );
    expect(steps.map(({ title, detail }) => [title, detail])).toEqual([
      ["Pending", "QR code chosen"],
      ["Attempt 1 (QR code): pending", "Answer: open"],
    ]);
  });

  it("ends with the settlement, its amount and the way to it", () => {
    const settled = {
      settlement_id: "stl_1",
      merchant_id: "pty_1",
      merchant_name: "Kedai Senja",
      made_at: "2026-11-24T10:00:00Z",
      status: "paid_out",
      amount: { amount: 4900, currency: "IDR" },
    };
    const [step] = stepsOf(payment({ settlements: [settled] as Payment["settlements"] }));
    expect(step).toMatchObject({
      title: "Settled to Kedai Senja",
      detail: "Paid out",
      amount: { amount: 4900, currency: "IDR" },
      href: "/settlements/view/?id=stl_1",
    });
  });
});
