"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { allCurrencies } from "@/lib/money";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { LINE_KINDS, type Line } from "./contract";
import { RulesSheet } from "./rules-sheet";

const FIRST_CURRENCY = "IDR";

/** Above which amounts a second person is asked, by kind of act and currency. */
export function LinesPage() {
  const can = useCan();
  const lines = useThing<Schemas["ApprovalLinesOut"]>("/approval-lines");
  const mayChange = can("tenant:write");
  return (
    <>
      <PageHeader
        title="Approval lines"
        note="What goes above its line waits until somebody else says yes; without a line nothing waits"
        actions={<ButtonLink href="/approvals/">Approvals</ButtonLink>}
      />
      {lines.error && <ErrorState problem={lines.error} onRetry={() => lines.refetch()} />}
      {lines.isPending && <Skeleton lines={5} />}
      {lines.data && (
        <div className="grid items-start gap-6 lg:grid-cols-[1fr_22rem]">
          <div className="space-y-6">
            {Object.keys(LINE_KINDS).map((kind) => (
              <KindSheet
                key={kind}
                kind={kind}
                lines={lines.data.data.filter((line) => line.kind === kind)}
                mayChange={mayChange}
              />
            ))}
            <RulesSheet mayChange={mayChange} />
          </div>
          {mayChange && (
            <Sheet title="Set a line">
              <LineForm />
            </Sheet>
          )}
        </div>
      )}
    </>
  );
}

type KindProps = { kind: string; lines: Line[]; mayChange: boolean };

function KindSheet({ kind, lines, mayChange }: KindProps) {
  const [name, compared] = LINE_KINDS[kind] ?? [kind, ""];
  return (
    <Sheet title={name} flush>
      <p className="px-4 pt-3 text-soft text-xs">{compared}</p>
      {lines.length === 0 && (
        <EmptyState
          title="No line"
          why="Nothing of this kind waits for a second person."
          example="Above IDR 1,000,000.00"
        />
      )}
      <ul className="divide-y divide-rule">
        {lines.map((line) => (
          <LineRow key={line.above.currency} line={line} mayChange={mayChange} />
        ))}
      </ul>
    </Sheet>
  );
}

function LineRow({ line, mayChange }: { line: Line; mayChange: boolean }) {
  const remove = useAction();
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <span>
        Above <Money value={line.above} className="font-medium" />
      </span>
      {mayChange && (
        <Button
          kind="danger"
          busy={remove.busy}
          onClick={() => remove.run(() => api.put(pathOf(line.kind, line.above.currency), { above: null }))}
        >
          Remove
        </Button>
      )}
      {remove.problem && <ErrorState problem={remove.problem} />}
    </li>
  );
}

function LineForm() {
  const set = useAction();
  const [currency, setCurrency] = useState(FIRST_CURRENCY);
  const [above, setAbove] = useState<number | null>(null);
  const [round, setRound] = useState(0);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const kind = String(new FormData(event.currentTarget).get("kind"));
    if (above === null || !(await set.run(() => api.put(pathOf(kind, currency), { above })))) return;
    setAbove(null);
    setRound(round + 1);
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label="Kind" name="kind">
        {Object.entries(LINE_KINDS).map(([kind, [name]]) => (
          <option key={kind} value={kind}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField label="Currency" value={currency} onChange={(event) => setCurrency(event.target.value)}>
        {allCurrencies().map(({ code }) => (
          <option key={code}>{code}</option>
        ))}
      </SelectField>
      <MoneyInput
        key={round}
        label="Above"
        currency={currency}
        onChange={setAbove}
        hint="Zero: everything waits. A line that is there is replaced."
        error={set.problem?.messageFor("above")}
      />
      {set.problem && <ErrorState problem={set.problem} />}
      <Button kind="primary" type="submit" busy={set.busy} disabled={above === null} className="w-full">
        Set the line
      </Button>
    </form>
  );
}

function pathOf(kind: string, currency: string): string {
  return `/approval-lines/${encodeURIComponent(kind)}/${encodeURIComponent(currency)}`;
}
