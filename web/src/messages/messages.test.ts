import { readFileSync } from "node:fs";
import { parse, TYPE } from "@formatjs/icu-messageformat-parser";
import { describe, expect, it } from "vitest";
import { stateWord } from "@/ui/state";
import ar from "./ar";
import en from "./en";
import hi from "./hi";
import id from "./id";
import { PROBLEM_CODES } from "./problem-codes";

type Part = Record<string, string>;
type Element = ReturnType<typeof parse>[number];

const OTHERS = Object.entries({ id, hi, ar });

function texts(messages: object): [key: string, text: string][] {
  return Object.entries(messages as Record<string, Part>).flatMap(([part, said]) =>
    Object.entries(said).map(([key, text]): [string, string] => [`${part}.${key}`, text]),
  );
}

/** What a text is given: the names of its arguments and tags, wherever in it they are. */
function argumentsOf(text: string): string[] {
  const names = (elements: Element[]): string[] =>
    elements.flatMap((element) => {
      if (element.type === TYPE.plural || element.type === TYPE.select)
        return [element.value, ...Object.values(element.options).flatMap((option) => names(option.value))];
      if (element.type === TYPE.tag) return [`<${element.value}>`, ...names(element.children)];
      return element.type === TYPE.literal || element.type === TYPE.pound ? [] : [element.value];
    });
  return [...new Set(names(parse(text)))].sort();
}

describe.each(OTHERS)("%s", (_language, { messages, problems }) => {
  const translated = new Map(texts(messages));

  it("has exactly the keys of English", () => {
    expect([...translated.keys()].sort()).toEqual(
      texts(en)
        .map(([key]) => key)
        .sort(),
    );
  });

  it("leaves nothing unsaid", () => {
    expect([...translated].filter(([, text]) => text.trim() === "")).toEqual([]);
    expect(Object.keys(problems ?? {})).toEqual([...PROBLEM_CODES]);
  });

  it("uses the arguments of English, no more and no fewer", () => {
    const wrong = texts(en).filter(
      ([key, text]) => String(argumentsOf(translated.get(key) ?? "")) !== String(argumentsOf(text)),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the plurals of a language", () => {
  it.each(OTHERS)("are all there in %s, and none that it does not have", (language, { messages }) => {
    const all = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const chosen = texts(messages).flatMap(([key, text]) =>
      parse(text).flatMap((element) =>
        element.type === TYPE.plural ? [[key, Object.keys(element.options).sort()] as const] : [],
      ),
    );
    // Nothing that is counted here is counted when there is none of it.
    const needed = all.filter((category) => category !== "zero").sort();
    for (const [key, categories] of chosen)
      expect([key, categories.filter((one) => one !== "zero")]).toEqual([key, needed]);
  });
});

describe("Arabic", () => {
  it("keeps the direction of whatever is filled in", () => {
    const bare = texts(ar.messages).filter(([, text]) => /(?<!\u2068)\{[a-z]+\}/i.test(text));
    expect(bare).toEqual([]);
  });
});

describe("English", () => {
  it("calls a state what everybody else calls it", () => {
    for (const [state, word] of Object.entries(en.states)) expect(word).toBe(stateWord(state));
  });
});

describe("refusals in other languages", () => {
  it("are of codes that the server uses", () => {
    const known = readFileSync("../docs/reference/errors.md", "utf-8");
    const unknown = PROBLEM_CODES.filter((code) => code !== "no_answer" && !known.includes(`[\`${code}\`]`));
    expect(unknown).toEqual([]);
  });
});
