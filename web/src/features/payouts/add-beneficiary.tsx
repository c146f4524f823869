"use client";

import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { BANKS, EWALLETS } from "./banks";

type Props = { partyId?: string; kind?: "primary" | "secondary" };

/** Write an account into the book, a party's or one's own; the bank says whose it is. */
export function AddBeneficiary({ partyId, kind = "primary" }: Props) {
  const t = useTranslations("payouts");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind={kind} icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        {t("add")}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t("add")} description={t("addNote")}>
        {open && <AddForm partyId={partyId} onDone={() => setOpen(false)} />}
      </Dialog>
    </>
  );
}

function AddForm({ partyId, onDone }: { partyId?: string; onDone: () => void }) {
  const t = useTranslations("payouts");
  const act = useAction();
  const [rail, setRail] = useState("bank_account");
  const places = rail === "ewallet" ? EWALLETS : BANKS;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      ...(partyId && { party_id: partyId }),
      rail,
      bank_code: String(form.get("bank_code")),
      number: String(form.get("number")).replaceAll(/[\s-]/g, ""),
      label: String(form.get("label")).trim(),
    };
    if (await act.run(() => api.post("/beneficiaries", body))) onDone();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label={t("kind")} value={rail} onChange={(event) => setRail(event.target.value)}>
        <option value="bank_account">{t("bankAccount")}</option>
        <option value="ewallet">{t("ewallet")}</option>
      </SelectField>
      <SelectField key={rail} label={rail === "ewallet" ? t("ewallet") : t("bank")} name="bank_code">
        {places.map(([code, name]) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t("number")}
        name="number"
        required
        inputMode="numeric"
        autoComplete="off"
        error={act.problem?.messageFor("number")}
      />
      <TextField label={t("label")} name="label" maxLength={60} hint={t("mayStayEmpty")} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        {t("askBank")}
      </Button>
    </form>
  );
}
