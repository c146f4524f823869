import { expect, test } from "vitest";
import { addressesIn, changedTerms, type Terms } from "./terms";

const TERMS: Terms = {
  fee_rate: "0.015",
  fee_fixed: { IDR: 100000 },
  rounding: "ROUND_HALF_UP",
  hold_days: 2,
  accept_late: true,
  return_urls: ["https://shop.example/"],
  display_name: "Kopi Senja",
  accent_colour: "#7a4a21",
  expiry_seconds: 3600,
  refund_fee: "keep",
  methods_off: [],
};

test("only what was changed is sent, so that the rest goes on following the organisation", () => {
  expect(changedTerms(TERMS, { ...TERMS })).toEqual({});
  const after = { ...TERMS, hold_days: 0, fee_fixed: { IDR: 100000, USD: 30 }, methods_off: ["card"] };
  expect(changedTerms(TERMS, after)).toEqual({
    hold_days: 0,
    fee_fixed: { IDR: 100000, USD: 30 },
    methods_off: ["card"],
  });
});

test("addresses are read one on a line", () => {
  expect(addressesIn(" https://a.example/ \n\nhttps://b.example/\n")).toEqual([
    "https://a.example/",
    "https://b.example/",
  ]);
});
