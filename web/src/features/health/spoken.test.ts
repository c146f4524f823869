import { expect, test } from "vitest";
import { spoken } from "./spoken";

test.each([
  [0, "0 seconds"],
  [1, "1 second"],
  [119, "119 seconds"],
  [120, "2 minutes"],
  [7_199, "119 minutes"],
  [7_200, "2 hours"],
  [259_200, "3 days"],
])("%i seconds are said as %s", (seconds, words) => {
  expect(spoken(seconds)).toBe(words);
});
