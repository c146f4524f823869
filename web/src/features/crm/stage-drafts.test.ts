import { expect, test } from "vitest";
import { bpsOf, draftsOf, leftOut, likelihoodOf, swapped } from "./stage-drafts";

const PIPELINE = {
  id: "pipe_1",
  name: "Sales",
  version: 1,
  stages: [
    { id: "stg_1", name: "New", outcome: "open" as const, probability_bps: 1250 },
    { id: "stg_2", name: "Won", outcome: "won" as const, probability_bps: 10_000 },
  ],
};

test("a percentage is read whole, with two decimals at most and never above a hundred", () => {
  expect(["12.5", "12,05", "100", "0"].map(bpsOf)).toEqual([1250, 1205, 10_000, 0]);
  expect(["100.01", "12.345", "", "ten", "-1"].map(bpsOf)).toEqual([null, null, null, null, null]);
});

test("a stage keeps its likelihood through the form, and one that has ended is certain", () => {
  expect(draftsOf(PIPELINE).map(likelihoodOf)).toEqual([1250, 10_000]);
  expect(likelihoodOf({ key: "k", id: null, name: "Lost", outcome: "lost", percent: "70" })).toBe(0);
});

test("stages change places but not over the edge, and those left out are known", () => {
  expect(swapped([1, 2, 3], 0, 1)).toEqual([2, 1, 3]);
  expect(swapped([1, 2, 3], 2, 1)).toEqual([1, 2, 3]);
  expect(leftOut(PIPELINE, draftsOf(PIPELINE).slice(1)).map(({ name }) => name)).toEqual(["New"]);
});
