"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useIdempotencyKey } from "@/client/idempotency";
import { asProblem } from "@/client/problem";
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

/** The cards and e-wallets a customer has agreed to be charged by; the newest active one is taken. */
export function SavedMethods({ partyId }: { partyId: string }) {
  const t = useTranslations("methods");
  const [adding, setAdding] = useState(false);
  const [waits, setWaits] = useState(false);
  const found = useThing<{ data: Method[] }>("/payment-methods", { party_id: partyId }, waits && ASK_AGAIN_MS);
  const rows = found.data?.data ?? [];
  const isWaiting = rows.some((row) => row.status === "waiting");
  if (isWaiting !== waits) setWaits(isWaiting);
  const charged = rows.find((row) => row.status === "active");
  return (
    <Sheet title={t("title")} actions={<Button onClick={() => setAdding(true)}>{t("saveCard")}</Button>}>
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {rows.length === 0 && !found.error && <p className="text-soft">{t("none")}</p>}
      <ul className="divide-y divide-rule">
        {rows.map((row) => (
          <Row key={row.id} method={row} isCharged={row === charged} />
        ))}
      </ul>
      <Dialog open={adding} onOpenChange={setAdding} title={t("saveTitle")}>
        {adding && <SaveForm partyId={partyId} onDone={() => setAdding(false)} />}
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
            charged: t(isCharged ? "isCharged" : "isNotCharged"),
            at: () => <When at={method.agreed_at} />,
          })}
        </p>
        {act.problem && <ErrorState problem={act.problem} />}
      </div>
      <div className="flex items-center gap-3">
        <State state={method.status} />
        <Button busy={act.busy} onClick={() => act.run(() => api.post(`/payment-methods/${method.id}/remove`, {}))}>
          {t("remove")}
        </Button>
      </div>
    </li>
  );
}

function SaveForm({ partyId, onDone }: { partyId: string; onDone: () => void }) {
  const t = useTranslations("methods");
  const ui = useTranslations("ui");
  const [agrees, setAgrees] = useState(false);
  const act = useAction();
  const key = useIdempotencyKey();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const kind = String(new FormData(event.currentTarget).get("kind"));
    const body = { party_id: partyId, kind, agreed_to: t("consent") };
    const send = () =>
      api.post("/payment-methods", body, { idempotencyKey: key.for(body) }).catch((error) => {
        key.settle(asProblem(error));
        throw error;
      });
    if (await act.run(send)) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label={t("way")} name="kind" hint={t("wayHint")}>
        <option value="card">{t("card")}</option>
        <option value="ewallet">{t("ewallet")}</option>
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
