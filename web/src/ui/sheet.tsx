import type { ReactNode } from "react";
import { classes } from "./classes";

type SheetProps = { title?: string; actions?: ReactNode; children: ReactNode; flush?: boolean; className?: string };

/** A sheet of paper on the desk: the frame of every section. */
export function Sheet({ title, actions, children, flush = false, className }: SheetProps) {
  return (
    <section className={classes("min-w-0 rounded-lg border border-rule bg-sheet", className)}>
      {title && (
        <div className="flex flex-wrap items-center justify-between gap-2 border-rule border-b px-4 py-3">
          <h2 className="text-base">{title}</h2>
          {actions && <div className="no-print flex flex-wrap gap-2">{actions}</div>}
        </div>
      )}
      <div className={flush ? undefined : "p-4"}>{children}</div>
    </section>
  );
}

type HeaderProps = { title: ReactNode; note?: ReactNode; actions?: ReactNode };

/** A page's title with what can be done there. */
export function PageHeader({ title, note, actions }: HeaderProps) {
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-3">
      <div className="min-w-0">
        <h1 className="text-lg sm:text-xl">{title}</h1>
        {note && <div className="mt-1 text-soft">{note}</div>}
      </div>
      {actions && <div className="no-print flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}

export type Fact = [label: string, value: ReactNode];

/** Names with their values, aligned as in a form. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className="divide-y divide-rule">
      {facts.map(([label, value]) => (
        <div key={label} className="flex items-baseline justify-between gap-4 py-2">
          <dt className="text-soft">{label}</dt>
          {/* A long text gives way first; what must stay on one line, such as a state, does not. A name keeps its own direction. */}
          <dd className="shrink-[1000] text-end [overflow-wrap:anywhere]">
            {typeof value === "string" ? <bdi>{value}</bdi> : value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
