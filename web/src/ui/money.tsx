"use client";

import { useTranslations } from "use-intl";
import { type Amount, moneyParts } from "@/lib/money";
import { useFormat } from "@/messages/use-format";
import { Link } from "@/ui/link";
import { classes } from "./classes";

type Props = { value: Amount; signed?: boolean; href?: string; className?: string; quietCode?: boolean };

/** An amount with tabular figures, a real minus sign and its currency code. With `href` it opens its postings. */
export function Money({ value, signed = false, href, className, quietCode = true }: Props) {
  const t = useTranslations("ui");
  const locale = useFormat();
  const { negative, digits, code, codeFirst } = moneyParts(value, locale);
  const sign = negative ? "\u2212" : signed && value.amount > 0 ? "+" : "";
  const codeMark = <span className={classes("text-[0.8em]", quietCode && "text-soft")}>{code}</span>;
  const body = (
    <bdi dir="ltr" className={classes("figures", className)}>
      <span aria-hidden="true">
        {codeFirst && <>{codeMark}&nbsp;</>}
        {sign}
        {digits}
        {!codeFirst && <>&nbsp;{codeMark}</>}
      </span>
      <span className="sr-only">{negative ? t("minus", { amount: `${digits} ${code}` }) : `${digits} ${code}`}</span>
    </bdi>
  );
  if (!href) return body;
  return (
    <Link href={href} className="underline decoration-rule-strong/50 underline-offset-4 hover:decoration-accent">
      {body}
    </Link>
  );
}
