import { createTranslator } from "use-intl";
import { describe, expect, it } from "vitest";
import en from "@/messages/en";
import { fraction, percent, spokenTerms, type Terms } from "./contract";

const t = createTranslator({ locale: "en", messages: en, namespace: "installments" });

describe("percentages", () => {
  it("become the fraction the API takes without a binary number in between", () => {
    const typed = ["0", "12", "12.5", "0,1", "100", "7.25", "20"];
    expect(typed.map(fraction)).toEqual(["0", "0.12", "0.125", "0.001", "1", "0.0725", "0.2"]);
  });

  it("are refused when they are not one", () => {
    expect(["", "x", "101", "-1", "1.23456"].map(fraction)).toEqual([null, null, null, null, null]);
  });

  it("are read back as they were typed", () => {
    expect(["0.12", "0.125", "1"].map(percent)).toEqual(["12 %", "12.5 %", "100 %"]);
  });
});

describe("terms", () => {
  const terms = { parts: 4, interval: "monthly", down_payment: "0.2", interest: "none", annual_rate: "0" } as Terms;

  it("are told in a few words", () => {
    expect(spokenTerms(t, terms)).toBe("4 parts, monthly, 20 % at once, no interest");
    expect(spokenTerms(t, { ...terms, parts: 1, down_payment: "0", interest: "declining", annual_rate: "0.18" })).toBe(
      "1 part in a month, 18 % a year on what is owed",
    );
  });
});
