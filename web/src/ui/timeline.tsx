import type { ReactNode } from "react";
import type { Amount } from "@/lib/money";
import { Money } from "./money";
import { When } from "./when";

export type TimelineItem = {
  key: string;
  at: string;
  title: string;
  detail?: ReactNode;
  href?: string;
  amount?: Amount;
};

/** What happened, in order, with a link from each step that moved money to its postings. */
export function Timeline({ items }: { items: TimelineItem[] }) {
  return (
    <ol className="relative ms-1 border-rule border-s-2">
      {items.map((item) => (
        <li key={item.key} className="relative pb-5 ps-5 last:pb-0">
          <span aria-hidden="true" className="-start-[5px] absolute top-1.5 size-2 rounded-full bg-accent" />
          <div className="flex flex-wrap items-baseline justify-between gap-x-4">
            <p className="font-medium">{item.title}</p>
            <span className="text-soft text-xs">
              <When at={item.at} show="seconds" />
            </span>
          </div>
          {item.detail && <div className="text-soft">{item.detail}</div>}
          {item.amount && <Money value={item.amount} href={item.href} />}
          {!item.amount && item.href && (
            <a href={item.href} className="text-accent underline underline-offset-4">
              Postings
            </a>
          )}
        </li>
      ))}
    </ol>
  );
}
