"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { LARGEST_FILE_BYTES } from "@/lib/files";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Field, SelectField } from "@/ui/field";

/** Adds a document. A file that is too large is refused here, before it is sent for nothing. */
export function DocumentUpload({ partyId }: { partyId: string }) {
  const t = useTranslations("verification");
  const upload = useAction();
  const [tooLarge, setTooLarge] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    if (tooLarge) return;
    const body = new FormData(form);
    if (await upload.run(() => api.post(`/parties/${partyId}/documents`, body))) form.reset();
  }

  return (
    <form onSubmit={submit} className="space-y-3 rounded-md border border-rule border-dashed p-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField label={t("kind")} name="kind">
          <option value="identity">{t("identityDocument")}</option>
          <option value="address">{t("addressProof")}</option>
          <option value="company">{t("companyPapers")}</option>
        </SelectField>
        <Field
          label={t("file")}
          hint={t("fileHint")}
          error={tooLarge ? t("fileTooLarge") : upload.problem?.messageFor("file")}
        >
          {(wiring) => (
            <input
              {...wiring}
              type="file"
              name="file"
              required
              accept="image/jpeg,image/png,application/pdf"
              onChange={(event) => setTooLarge((event.target.files?.[0]?.size ?? 0) > LARGEST_FILE_BYTES)}
            />
          )}
        </Field>
      </div>
      {upload.problem && <ErrorState problem={upload.problem} />}
      <Button type="submit" busy={upload.busy}>
        {t("upload")}
      </Button>
    </form>
  );
}
