"use client";

import { useState } from "react";
import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import type { Say } from "@/messages/words";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Money } from "@/ui/money";
import { type Fact, Facts } from "@/ui/sheet";
import { useStateWord } from "@/ui/state";

type Provenance = Schemas["ProvenanceOut"];

const RULES = [
  ["fifo", "oldestFirst"],
  ["lifo", "newestFirst"],
  ["pro_rata", "someOfAll"],
] as const;

/** What a balance consists of: promo money, one's own, and each source in turn. Asked for when it is opened. */
export function WhereFrom({ walletId }: { walletId: string }) {
  const t = useTranslations("wallets");
  const [open, setOpen] = useState(false);
  return (
    <details className="no-print mb-4" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="text-accent underline underline-offset-4">{t("whereFrom")}</summary>
      {open && <Parts walletId={walletId} />}
    </details>
  );
}

function Parts({ walletId }: { walletId: string }) {
  const t = useTranslations("wallets");
  const wordOf = useStateWord();
  const [method, setMethod] = useState("fifo");
  const found = useThing<Provenance>(`/wallets/${walletId}/provenance`, { method });
  return (
    <div className="mt-3 max-w-md space-y-3">
      <SelectField label={t("rule")} value={method} onChange={(event) => setMethod(event.target.value)}>
        {RULES.map(([value, name]) => (
          <option key={value} value={value}>
            {t(name)}
          </option>
        ))}
      </SelectField>
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {found.data && <Facts facts={factsOf(t, wordOf, found.data)} />}
    </div>
  );
}

function factsOf(
  t: Say<"wallets">,
  wordOf: (state: string) => string,
  { promo, own, parts, balance }: Provenance,
): Fact[] {
  return [
    [t("promoMoney"), <Money key="promo" value={promo} />],
    [t("ownMoney"), <Money key="own" value={own} />],
    ...parts.map((part): Fact => [t("ofIt", { source: wordOf(part.source).toLowerCase() }), money(part)]),
    [t("available"), <Money key="all" value={balance} className="font-medium" />],
  ];
}

function money(part: Provenance["parts"][number]) {
  return <Money key={part.source} value={part.amount} className="text-soft" />;
}
