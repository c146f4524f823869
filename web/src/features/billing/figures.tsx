"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "@/client/api";
import type { Problem } from "@/client/problem";
import { Money } from "@/ui/money";
import type { Fact } from "@/ui/sheet";
import type { Figures } from "./contract";
import type { DraftLine, LineBody } from "./draft";

const WAIT_MS = 250;

/** What the lines come to, asked of the server once they have stayed the same for a moment. */
export function useFigures(lines: LineBody[] | null, currency: string, includesTax: boolean) {
  const text = lines?.length ? JSON.stringify({ currency, lines, includes_tax: includesTax }) : null;
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useQuery<Figures, Problem>({
    queryKey: ["/billing/preview", asked],
    queryFn: () => api.post<Figures>("/billing/preview", JSON.parse(asked ?? "{}")),
    enabled: asked !== null,
    placeholderData: (before) => before,
    retry: false,
  });
}

/** The net of each line on the screen; those that say nothing yet have none. */
export function netsOf(lines: DraftLine[], figures: Figures | undefined): number[] {
  const nets = figures?.lines.map((line) => line.net.amount) ?? [];
  let next = 0;
  return lines.map((line) => (line.description.trim() ? (nets[next++] ?? 0) : 0));
}

/** Net, each tax and total. */
export function totalsOf(figures: Figures): Fact[] {
  return [
    ["Net", <Money key="net" value={figures.net} />],
    ...figures.taxes.map((tax): Fact => [tax.name, <Money key={tax.tax_rate_id} value={tax.tax} />]),
    ["Total", <Money key="total" value={figures.total} className="font-medium text-base" />],
  ];
}
