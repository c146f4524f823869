import { describe, expect, it } from "vitest";
import {
  businessDay,
  dayAfter,
  dayBefore,
  formatDateTime,
  groupByDay,
  printedDays,
  relative,
  startOfBusinessDay,
  utcText,
} from "./dates";

describe("dayBefore", () => {
  it("counts over the end of a month", () => {
    expect(dayBefore("2026-03-01", 1)).toBe("2026-02-28");
    expect(dayBefore("2026-11-21", 0)).toBe("2026-11-21");
  });
});

describe("dates", () => {
  it("shows a moment in the business's time zone", () => {
    expect(formatDateTime("2026-11-20T18:05:00Z", "Asia/Jakarta", "en-GB")).toBe("21 Nov 2026, 01:05");
  });

  it("knows the business day of a moment", () => {
    expect(businessDay("2026-11-20T18:05:00Z", "Asia/Jakarta")).toBe("2026-11-21");
    expect(businessDay("2026-11-20T18:05:00Z", "America/New_York")).toBe("2026-11-20");
  });

  it("begins a business day at the zone's midnight, also on days the clock changes", () => {
    expect(startOfBusinessDay("2026-11-21", "Asia/Jakarta")).toBe("2026-11-20T17:00:00.000Z");
    expect(startOfBusinessDay("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
    expect(startOfBusinessDay("2026-10-26", "Europe/Berlin")).toBe("2026-10-25T23:00:00.000Z");
  });

  it("knows the day after the last of a month", () => {
    expect(dayAfter("2026-11-30")).toBe("2026-12-01");
  });

  it("says UTC in full", () => {
    expect(utcText("2026-11-20T18:05:09.123Z")).toBe("2026-11-20 18:05:09 UTC");
  });

  it("says how long ago", () => {
    const now = new Date("2026-11-21T12:00:00Z");
    expect(relative("2026-11-21T10:30:00Z", now, "en")).toBe("1 hour ago");
    expect(relative("2026-11-24T12:00:00Z", now, "en")).toBe("in 3 days");
  });

  it("groups rows by business day and keeps their order", () => {
    const rows = ["2026-11-21T01:00:00Z", "2026-11-20T18:00:00Z", "2026-11-20T16:00:00Z"];
    const days = groupByDay(rows, (row) => row, "Asia/Jakarta");
    expect(days).toEqual([
      ["2026-11-21", rows.slice(0, 2)],
      ["2026-11-20", rows.slice(2)],
    ]);
  });
});

it("the days of a paper say only what was chosen", () => {
  expect(printedDays("2026-11-01", "")).toBe("?from=2026-11-01");
  expect(printedDays("2026-11-01", "2026-11-30")).toBe("?from=2026-11-01&through=2026-11-30");
  expect(printedDays("", "")).toBe("");
  expect(printedDays("2026-11-01", "", "ar")).toBe("?from=2026-11-01&language=ar");
});
