"use client";

import { useState } from "react";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { type Fact, Facts } from "@/ui/sheet";
import { stateWord } from "@/ui/state";

type Provenance = Schemas["ProvenanceOut"];

const RULES: [value: string, name: string][] = [
  ["fifo", "The oldest money is spent first"],
  ["lifo", "The newest money is spent first"],
  ["pro_rata", "Some of everything is spent"],
];

/** What a balance consists of: promo money, one's own, and each source in turn. Asked for when it is opened. */
export function WhereFrom({ walletId }: { walletId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="no-print mb-4" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="text-accent underline underline-offset-4">Where this money came from</summary>
      {open && <Parts walletId={walletId} />}
    </details>
  );
}

function Parts({ walletId }: { walletId: string }) {
  const [method, setMethod] = useState("fifo");
  const found = useThing<Provenance>(`/wallets/${walletId}/provenance`, { method });
  return (
    <div className="mt-3 max-w-md space-y-3">
      <SelectField label="Rule" value={method} onChange={(event) => setMethod(event.target.value)}>
        {RULES.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {found.data && <Facts facts={factsOf(found.data)} />}
    </div>
  );
}

function factsOf({ promo, own, parts, balance }: Provenance): Fact[] {
  return [
    ["Promo money", <Money key="promo" value={promo} />],
    ["Own money", <Money key="own" value={own} />],
    ...parts.map((part): Fact => [`of it ${stateWord(part.source).toLowerCase()}`, money(part)]),
    ["Available", <Money key="all" value={balance} className="font-medium" />],
  ];
}

function money(part: Provenance["parts"][number]) {
  return <Money key={part.source} value={part.amount} className="text-soft" />;
}
