import { describe, expect, it } from "vitest";
import { faresSince, rateText } from "./success";

const SINCE = "2026-11-20T17:00:00Z";
const hour = (connection: string, at: string, succeeded: number, ended: number) => ({
  provider: "simulator",
  connection,
  hour: at,
  succeeded,
  ended,
});

describe("how connections fare", () => {
  it("puts each hour in its place of the day and adds them up by connection", () => {
    const fares = faresSince(SINCE, [
      hour("One", "2026-11-20T17:00:00Z", 1, 2),
      hour("One", "2026-11-21T02:00:00Z", 3, 3),
      hour("Other", "2026-11-21T16:00:00Z", 0, 1),
    ]);
    expect(fares.map(({ connection, succeeded, ended }) => [connection, succeeded, ended])).toEqual([
      ["One", 4, 5],
      ["Other", 0, 1],
    ]);
    expect(fares[0]?.slots.filter((slot) => slot.ended > 0).map((slot) => slot.hour)).toEqual([0, 9]);
    expect(fares[1]?.slots).toHaveLength(24);
    expect(fares[1]?.slots[23]?.ended).toBe(1);
  });

  it("has room for the hour that a day has more when clocks are turned back", () => {
    expect(faresSince(SINCE, [hour("One", "2026-11-21T17:00:00Z", 1, 1)])[0]?.slots).toHaveLength(25);
  });

  it("says a dash, not zero, where nothing has ended", () => {
    expect(rateText({ succeeded: 0, ended: 0 })).toBe("—");
    expect(rateText({ succeeded: 2, ended: 3 })).toBe("67 %");
  });
});
