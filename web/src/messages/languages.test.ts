import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { directionOf, formatOf, KEPT_AS, languageOf } from "./languages";

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

describe("languageOf", () => {
  it("takes the choice before the browser's languages, the first that is spoken of those, and English last", () => {
    expect(languageOf("hi", ["ar-EG"])).toBe("hi");
    expect(languageOf(null, ["de-DE", "id-ID", "en"])).toBe("id");
    expect(languageOf("xx", ["fr"])).toBe("en");
  });

  it.each([
    ["ar", ["en-US"]],
    [null, ["hi-IN", "en"]],
    [null, ["fr", "id"]],
    ["xx", ["de"]],
  ])("is what the script before the first paint does (%s, %s)", (chosen, accepted) => {
    vi.stubGlobal("navigator", { languages: accepted });
    if (chosen) localStorage.setItem(KEPT_AS, chosen);
    new Function(readFileSync("public/before-paint.js", "utf-8"))();
    const language = languageOf(chosen, accepted);
    expect(document.documentElement.lang).toBe(language);
    expect(document.documentElement.dir).toBe(directionOf(language));
  });
});

describe("formatOf", () => {
  it("takes the browser's own format of the language, and any other only where English is what is left", () => {
    expect(formatOf("id", true, ["en-US", "id-ID"])).toBe("id-ID");
    expect(formatOf("hi", true, ["en-US"])).toBe("hi");
    expect(formatOf("en", false, ["de-DE"])).toBe("de-DE");
    expect(formatOf("en", true, ["de-DE"])).toBe("en");
  });

  it("writes Arabic with the figures and the calendar of statements", () => {
    const format = formatOf("ar", true, ["ar-SA"]);
    expect(new Intl.NumberFormat(format).format(1234)).toMatch(/1.?234/);
    expect(new Intl.DateTimeFormat(format, { year: "numeric" }).format(new Date("2026-11-22"))).toContain("2026");
  });
});
