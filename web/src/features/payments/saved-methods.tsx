"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";

type Method = Schemas["MethodOut"];

const ASK_AGAIN_MS = 2000;
const NOT_CHARGED = {
  active: "isNotCharged",
  waiting: "notBefore",
  refused: "neverCharged",
  removed: "neverCharged",
} as const;
const KINDS = { card: "card", ewallet: "ewallet" } as const;
const FAILURES = { customer_needed: "customerNeeded", declined: "declined", expired: "lapsed" } as const;

/** The cards and e-wallets a customer has agreed to be charged by; the newest active one is taken. */
export function SavedMethods({ partyId }: { partyId: string }) {
  const t = useTranslations("methods");
  const [adding, setAdding] = useState(false);
  const [waits, setWaits] = useState(false);
  const found = useThing<Schemas["MethodsOut"]>("/payment-methods", { party_id: partyId }, waits && ASK_AGAIN_MS);
  const rows = found.data?.data ?? [];
  const kinds = found.data?.can_save ?? [];
  const isWaiting = rows.some((row) => row.status === "waiting");
  if (isWaiting !== waits) setWaits(isWaiting);
  const charged = rows.find((row) => row.status === "active");
  return (
    <Sheet
      title={t("title")}
      actions={kinds.length > 0 && <Button onClick={() => setAdding(true)}>{t("saveCard")}</Button>}
    >
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {rows.length === 0 && !found.error && <p className="text-soft">{t("none")}</p>}
      {found.data && kinds.length === 0 && <p className="text-soft">{t("noKeeper")}</p>}
      <ul className="divide-y divide-rule">
        {rows.map((row) => (
          <Row key={row.id} method={row} isCharged={row === charged} />
        ))}
      </ul>
      <Dialog open={adding} onOpenChange={setAdding} title={t("saveTitle")}>
        {adding && <SaveForm partyId={partyId} kinds={kinds} onDone={() => setAdding(false)} />}
      </Dialog>
    </Sheet>
  );
}

function Row({ method, isCharged }: { method: Method; isCharged: boolean }) {
  const t = useTranslations("methods");
  const act = useAction();
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
      <div>
        <p className="font-medium">{method.label}</p>
        <p className="text-soft text-xs">
          {t.rich("agreed", {
            charged: t(isCharged ? "isCharged" : NOT_CHARGED[method.status as keyof typeof NOT_CHARGED]),
            at: () => <When at={method.agreed_at} />,
          })}
        </p>
        {method.failure && <p className="text-failed text-xs">{t(failureOf(method.failure))}</p>}
        {act.problem && <ErrorState problem={act.problem} />}
      </div>
      <div className="flex items-center gap-3">
        {method.page_url && (
          <a href={method.page_url} className="underline">
            {t("giveToProvider")}
          </a>
        )}
        <State state={method.status} />
        <Button busy={act.busy} onClick={() => act.run(() => api.post(`/payment-methods/${method.id}/remove`, {}))}>
          {t("remove")}
        </Button>
      </div>
    </li>
  );
}

function failureOf(code: string) {
  return code in FAILURES ? FAILURES[code as keyof typeof FAILURES] : "wasRefused";
}

function SaveForm({ partyId, kinds, onDone }: { partyId: string; kinds: string[]; onDone: () => void }) {
  const t = useTranslations("methods");
  const ui = useTranslations("ui");
  const [agrees, setAgrees] = useState(false);
  const act = useAction();
  const post = useKeyedPost();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const kind = String(new FormData(event.currentTarget).get("kind"));
    const body = { party_id: partyId, kind, agreed_to: t("consent") };
    if (await act.run(() => post("/payment-methods", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label={t("way")} name="kind" hint={t("wayHint")}>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {kind in KINDS ? t(KINDS[kind as keyof typeof KINDS]) : kind}
          </option>
        ))}
      </SelectField>
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          checked={agrees}
          onChange={(event) => setAgrees(event.target.checked)}
          className="mt-1"
        />
        <span>
          {t("consent")} {t("removeAnyTime")}
        </span>
      </label>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={!agrees}>
        {ui("save")}
      </Button>
    </form>
  );
}
