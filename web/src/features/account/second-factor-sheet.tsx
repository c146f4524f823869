"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import type { Schemas } from "@/client/schemas";
import { useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { Secret } from "@/ui/secret";
import { Sheet } from "@/ui/sheet";

type Enrolment = Schemas["EnrolmentOut"];

/** The second factor: switched on with a code from an authenticator app, and off with a last one. */
export function SecondFactorSheet() {
  const t = useTranslations("account");
  const { user } = useSession();
  const [recovery, setRecovery] = useState<string[] | null>(null);
  return (
    <Sheet title={t("secondFactor")}>
      {user.totp_enabled ? <TurnOff /> : <TurnOn onConfirmed={setRecovery} />}
      <Dialog
        open={recovery !== null}
        onOpenChange={(open) => !open && setRecovery(null)}
        title={t("recoveryCodes")}
        description={t("recoveryNote")}
      >
        {recovery && <Secret name={t("recoveryCodes")} text={recovery.join("\n")} />}
      </Dialog>
    </Sheet>
  );
}

/** Switches it on; what was made to get in without the authenticator is handed on, to be shown this once. */
export function TurnOn({ onConfirmed }: { onConfirmed: (codes: string[]) => void }) {
  const t = useTranslations("account");
  const begin = useAction();
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const start = () => begin.run(async () => setEnrolment(await api.post<Enrolment>("/auth/totp/enrol")));
  if (enrolment) return <Confirm enrolment={enrolment} onConfirmed={onConfirmed} />;
  return (
    <div className="space-y-4">
      <p>{t("factorWhat")}</p>
      {begin.problem && <ErrorState problem={begin.problem} />}
      <Button kind="primary" busy={begin.busy} onClick={start}>
        {t("switchOn")}
      </Button>
    </div>
  );
}

type ConfirmProps = { enrolment: Enrolment; onConfirmed: (codes: string[]) => void };

function Confirm({ enrolment, onConfirmed }: ConfirmProps) {
  const t = useTranslations("account");
  const confirm = useAction();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get("code");
    void confirm.run(async () => {
      const made = await api.post<Schemas["RecoveryCodesOut"]>("/auth/totp/confirm", { code });
      onConfirmed(made.recovery_codes);
    });
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <p>{t("factorScan")}</p>
      {/* An image, so that nothing inside of the picture could ever run. */}
      {/* biome-ignore lint/performance/noImgElement: the picture is in the answer itself, there is no address to optimise. */}
      <img
        src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr_svg)}`}
        alt={t("factorPicture")}
        className="mx-auto size-52 rounded bg-white p-2"
      />
      <p className="text-center text-soft text-xs">
        {t.rich("orType", { seed: () => <Id value={enrolment.seed} full /> })}
      </p>
      <TextField
        label={t("code")}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="\d{6}"
        required
        hint={t("sixDigits")}
      />
      {confirm.problem && <ErrorState problem={confirm.problem} />}
      <Button kind="primary" type="submit" busy={confirm.busy}>
        {t("confirm")}
      </Button>
    </form>
  );
}

function TurnOff() {
  const t = useTranslations("account");
  const disable = useAction();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get("code");
    void disable.run(() => api.post("/auth/totp/disable", { code }));
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <p>{t("factorOn")}</p>
      <TextField label={t("lastCode")} name="code" inputMode="numeric" autoComplete="one-time-code" required />
      {disable.problem && <ErrorState problem={disable.problem} />}
      <Button kind="danger" type="submit" busy={disable.busy}>
        {t("switchOff")}
      </Button>
    </form>
  );
}
