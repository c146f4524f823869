"use client";

import { Direction } from "radix-ui";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { IntlProvider } from "use-intl";
import type { Problem } from "@/client/problem";
import { directionOf, inFigures, isLanguage, KEPT_AS, type Language } from "./languages";
import { ENGLISH, type Messages, type Words, wordsOf } from "./words";

type Spoken = { language: Language; words: Words };
type Choice = Spoken & {
  /** Speaks another language from now on, and remembers it in this browser. */
  choose: (language: Language) => Promise<void>;
  isOnlyEnglish: boolean;
  /** Speaks English until as many have let go of it as have asked for it. */
  countEnglish: (more: 1 | -1) => void;
};

const EXPORTED: Spoken = { language: "en", words: ENGLISH };
const ONLY_ENGLISH: Spoken = { ...EXPORTED };
const LanguageContext = createContext<Choice>({
  ...EXPORTED,
  choose: async () => undefined,
  isOnlyEnglish: false,
  countEnglish: () => undefined,
});

// While the pages are exported there is nothing to paint.
const useBeforePaint = typeof window === "undefined" ? useEffect : useLayoutEffect;

/** The language of everybody: found before the first paint, and chosen by hand at any time. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  // The first render must be the exported one, so another language is looked for after it and before it is seen.
  const [spoken, setSpoken] = useState(EXPORTED);
  const [askedForEnglish, setAskedForEnglish] = useState(0);
  const countEnglish = useCallback((more: 1 | -1) => setAskedForEnglish((before) => before + more), []);
  const isOnlyEnglish = askedForEnglish > 0;
  const shown = isOnlyEnglish ? ONLY_ENGLISH : spoken;

  async function speak(language: Language) {
    setSpoken({ language, words: await wordsOf(language) });
  }

  useBeforePaint(() => {
    const wanted = document.documentElement.lang;
    if (!isLanguage(wanted) || wanted === "en") return;
    // Without its words the page is shown in English rather than not at all.
    speak(wanted).catch(() => setSpoken({ ...EXPORTED }));
  }, []);

  useBeforePaint(() => {
    const root = document.documentElement;
    if (root.dataset.words === "awaited" && shown === EXPORTED) return;
    root.lang = shown.language;
    root.dir = directionOf(shown.language);
    delete root.dataset.words;
  }, [spoken, isOnlyEnglish]);

  async function choose(language: Language) {
    await speak(language);
    try {
      localStorage.setItem(KEPT_AS, language);
    } catch {
      // The choice then lasts until the page is left.
    }
  }

  return (
    <LanguageContext.Provider value={{ ...shown, choose, isOnlyEnglish, countEnglish }}>
      {/* A translation has the keys of the original, and a text is found by nothing else. */}
      <IntlProvider locale={inFigures(shown.language)} messages={shown.words.messages as Messages} timeZone="UTC">
        <Direction.Provider dir={directionOf(shown.language)}>{children}</Direction.Provider>
      </IntlProvider>
    </LanguageContext.Provider>
  );
}

/** What is below is in English whatever language was chosen: the operators' console. */
export function InEnglish({ children }: { children: ReactNode }) {
  const { isOnlyEnglish, countEnglish } = useLanguage();
  const hasAsked = useRef(false);
  useBeforePaint(() => {
    if (!hasAsked.current) countEnglish(1);
    hasAsked.current = true;
  }, [countEnglish]);
  // React takes back what is done before the paint while a page waits for its code, and this only when it is left.
  useEffect(
    () => () => {
      hasAsked.current = false;
      countEnglish(-1);
    },
    [countEnglish],
  );
  return isOnlyEnglish ? children : null;
}

/** The language spoken now, and the way to choose another. */
export function useLanguage(): Choice {
  return useContext(LanguageContext);
}

/** What a refusal is called: in the reader's language where its code is known, else as the server says it. */
export function useSpokenProblem(): (problem: Problem) => { title: string; detail: string } {
  const { problems } = useLanguage().words;
  return ({ code, title, detail }) => {
    const sentence = (problems as Record<string, string> | null)?.[code];
    return sentence === undefined ? { title, detail } : { title: sentence, detail: "" };
  };
}
