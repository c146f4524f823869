"use client";

import { Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useThing } from "@/client/queries";
import { readerLocale } from "@/lib/locale";
import { moneyParts, parseMoney } from "@/lib/money";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Facts, Sheet } from "@/ui/sheet";
import { inCurrency, type TaxRate } from "./contract";
import { bodyOf, type ChangeLines, type DraftLine, emptyLine, type LineBody } from "./draft";
import { netsOf, totalsOf, useFigures } from "./figures";
import { LineFields } from "./line-fields";

/** The lines somebody writes, from those `begin` gives on or from an empty one; `body` is null while one of them cannot be read. */
export function useLines(currency: string, begin?: (write: (minor: number) => string) => DraftLine[] | null) {
  const locale = readerLocale();
  const write = (minor: number) => moneyParts(inCurrency(minor, currency), locale).digits;
  const [lines, setLines] = useState<DraftLine[]>(() => begin?.(write) ?? [emptyLine()]);
  return { lines, setLines, body: bodyOf(lines, currency, (text) => parseMoney(text, currency, locale)) };
}

type Props = {
  lines: DraftLine[];
  onChange: ChangeLines;
  currency: string;
  /** What is charged for the lines, which the server works out. */
  charged: LineBody[] | null;
  includesTax?: boolean;
  /** Who buys: products are offered at their prices. */
  customerId?: string;
  /** Choices about all lines. */
  actions?: ReactNode;
};

/** The lines of any document with what they come to: of an invoice, a quote, an order, a bill. */
export function LinesEditor({ lines, onChange, currency, charged, includesTax = false, customerId, actions }: Props) {
  const rates = useThing<{ data: TaxRate[] }>("/tax-rates");
  const figures = useFigures(charged, currency, includesTax);

  const addLine = () => {
    onChange((now) => [...now, emptyLine(now.at(-1))]);
    setTimeout(() => document.querySelector<HTMLElement>(`[data-line="${lines.length + 1}"]`)?.focus());
  };

  return (
    <Sheet title="Lines" actions={actions}>
      <LineFields
        lines={lines}
        currency={currency}
        includesTax={includesTax}
        customerId={customerId}
        rates={(rates.data?.data ?? []).filter(({ status }) => status === "active")}
        nets={netsOf(lines, figures.data)}
        onChange={onChange}
        onNext={addLine}
      />
      <div className="mt-4 flex flex-wrap items-start justify-between gap-6">
        <Button icon={<Plus size={14} aria-hidden />} onClick={addLine}>
          Add line
        </Button>
        <div className="w-full max-w-xs" aria-live="polite">
          {figures.error && <ErrorState problem={figures.error} />}
          {figures.data && <Facts facts={totalsOf(figures.data)} />}
        </div>
      </div>
    </Sheet>
  );
}

/** A choice about all lines, such as whether their prices have their taxes in them. */
export function LinesChoice(props: { name: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label className="flex items-center gap-2">
      <input type="checkbox" checked={props.checked} onChange={(event) => props.onChange(event.target.checked)} />
      {props.name}
    </label>
  );
}
