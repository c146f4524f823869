"use client";

import { Lock, LockOpen } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import type { Say } from "@/messages/words";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import type { Wallet } from "./contract";

/** The owner's own stop of what leaves a wallet, to be lifted by the owner; nothing for anybody else. */
export function OwnFreeze({ wallet }: { wallet: Wallet }) {
  const t = useTranslations("wallets");
  const me = useSession();
  const action = useAction();
  const [open, setOpen] = useState(false);
  if (me.party_id !== wallet.party_id) return null;
  const isStopped = wallet.frozen.by_owner;

  async function change() {
    const path = `/wallets/${wallet.id}/${isStopped ? "own-unfreeze" : "own-freeze"}`;
    if (await action.run(() => api.post(path))) setOpen(false);
  }

  function close() {
    setOpen(false);
    action.forget();
  }

  return (
    <>
      <Button
        kind="quiet"
        icon={isStopped ? <LockOpen size={14} aria-hidden /> : <Lock size={14} aria-hidden />}
        onClick={() => setOpen(true)}
      >
        {isStopped ? t("unfreeze") : t("freeze")}
      </Button>
      <Dialog
        open={open}
        onOpenChange={(wanted) => !wanted && close()}
        title={isStopped ? t("unfreezeTitle") : t("freezeTitle")}
      >
        <p>{explanation(t, wallet)}</p>
        {action.problem && (
          <div className="mt-4">
            <ErrorState problem={action.problem} />
          </div>
        )}
        <div className="mt-4 flex flex-wrap justify-end gap-2">
          <Button onClick={close} disabled={action.busy}>
            {t("notNow")}
          </Button>
          <Button kind={isStopped ? "primary" : "danger"} busy={action.busy} onClick={change}>
            {isStopped ? t("unfreeze") : t("freeze")}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function explanation(t: Say<"wallets">, { frozen }: Wallet): string {
  if (!frozen.by_owner) {
    return t("freezeMeans");
  }
  if (frozen.by_tenant) return t("unfreezeOwnOnly");
  return t("unfreezeMeans");
}
