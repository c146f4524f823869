"use client";

import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { exponentOf, formatMoney, moneyParts, parseMoney } from "@/lib/money";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
import { classes } from "./classes";
import { Field } from "./field";

type Props = {
  label: string;
  currency: string;
  onChange: (minor: number | null) => void;
  /** Minor units to begin with; zero begins empty. */
  initial?: number;
  hint?: string;
  error?: string | null;
  name?: string;
};

/**
 * Typed money in the reader's number format. Gives minor units, or null while the text is not an amount.
 * In another currency the text stays and is other minor units, which are given anew: what is shown is what is sent.
 */
export function MoneyInput({ label, currency, onChange, initial = 0, hint, error, name }: Props) {
  const t = useTranslations("ui");
  const locale = useFormat();
  const [text, setText] = useState(initial ? moneyParts({ amount: initial, currency }, locale).digits : "");
  const minor = text === "" ? null : parseMoney(text, currency, locale);
  const isWrong = text !== "" && minor === null;
  const change = (next: string) => {
    setText(next);
    onChange(next === "" ? null : parseMoney(next, currency, locale));
  };
  const given = useRef(currency);
  useEffect(() => {
    if (given.current === currency) return;
    given.current = currency;
    onChange(text === "" ? null : parseMoney(text, currency, locale));
  }, [currency, locale, onChange, text]);
  const understood = minor === null ? hint : formatMoney({ amount: minor, currency }, locale);
  return (
    <Field label={label} hint={understood} error={error ?? (isWrong ? wrongText(t, currency) : null)}>
      {(wiring) => (
        <div className="relative">
          <span aria-hidden="true" className="-translate-y-1/2 absolute top-1/2 start-3 text-soft text-xs">
            {currency}
          </span>
          <input
            {...wiring}
            name={name}
            inputMode={exponentOf(currency) === 0 ? "numeric" : "decimal"}
            autoComplete="off"
            value={text}
            onChange={(event) => change(event.target.value)}
            className={classes(wiring.className, "figures ps-12! text-end text-lg!")}
          />
        </div>
      )}
    </Field>
  );
}

function wrongText(t: Say<"ui">, currency: string): string {
  const exponent = exponentOf(currency);
  return exponent === 0 ? t("noDecimals", { currency }) : t("mostDecimals", { count: exponent });
}
