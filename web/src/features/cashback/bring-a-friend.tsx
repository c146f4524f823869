"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import type { Accrual } from "./contract";

type Code = Schemas["ReferralCodeOut"];
type Referral = Schemas["ReferralOut"];

/** A customer's codes for the shops it has earned at, who came by them, and a code of one's own to redeem. */
export function BringAFriend({ accruals }: { accruals: Accrual[] }) {
  const t = useTranslations("cashback");
  const { party_id: party } = useSession();
  const came = useThing<{ data: Referral[] }>(party && "/cashback/referrals");
  if (!party) return null;
  const shops = new Map(accruals.map((row) => [row.merchant_id, row.merchant_name ?? t("thisShop")]));
  const rows = came.data?.data ?? [];
  return (
    <Sheet title={t("friendTitle")} className="mt-6">
      <div className="grid gap-6 lg:grid-cols-2">
        <div className="space-y-3">
          <p className="text-soft">{t("friendNote")}</p>
          {[...shops].map(([id, name]) => (
            <MyCode key={id} merchantId={id} name={name} />
          ))}
          {rows.length > 0 && (
            <ul className="divide-y divide-rule">
              {rows.map((row) => (
                <li key={`${row.merchant_id}${row.at}`} className="flex flex-wrap justify-between gap-3 py-2">
                  <span>{t.rich("friendCame", { at: () => <When at={row.at} /> })}</span>
                  <State state={row.status} />
                </li>
              ))}
            </ul>
          )}
        </div>
        <Redeem />
      </div>
    </Sheet>
  );
}

function MyCode({ merchantId, name }: { merchantId: string; name: string }) {
  const t = useTranslations("cashback");
  const [code, setCode] = useState<string | null>(null);
  const act = useAction();
  const show = () =>
    act.run(async () => {
      setCode((await api.post<Code>("/cashback/referral-codes", { merchant_id: merchantId })).code);
    });
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <span>{name}</span>
      {code ? (
        <output className="figures font-medium text-lg tracking-wider">{code}</output>
      ) : (
        <Button busy={act.busy} onClick={show}>
          {t("showCode")}
        </Button>
      )}
      {act.problem && <ErrorState problem={act.problem} />}
    </div>
  );
}

function Redeem() {
  const t = useTranslations("cashback");
  const [done, setDone] = useState(false);
  const act = useAction();
  const post = useKeyedPost();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = { code: String(new FormData(event.currentTarget).get("code")) };
    setDone(await act.run(() => post("/cashback/referrals", body)));
  }

  return (
    <form onSubmit={submit} className="space-y-3">
      <TextField
        label={t("friendCode")}
        name="code"
        required
        maxLength={40}
        hint={t("friendCodeHint")}
        error={act.problem?.messageFor("code")}
      />
      {act.problem && !act.problem.messageFor("code") && <ErrorState problem={act.problem} />}
      {done && <p role="status">{t("friendCounts")}</p>}
      <Button type="submit" busy={act.busy}>
        {t("useCode")}
      </Button>
    </form>
  );
}
