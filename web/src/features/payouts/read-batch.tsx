"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import type { Wallet } from "@/features/wallets/contract";
import { useWalletName } from "@/features/wallets/wallet-name";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { Field, SelectField, TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";
import type { BatchDetail } from "./contract";

const EXAMPLE = "account,amount,reference,description";

/** Choose a file and see what each of its lines would do. */
export function ReadBatch({ onRead }: { onRead: (id: string) => void }) {
  const nameOf = useWalletName();
  const wallets = useList<Wallet>("/wallets");
  const act = useAction();
  const [file, setFile] = useState<File | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!file) return;
    const form = new FormData(event.currentTarget);
    const body = {
      wallet_id: String(form.get("wallet_id")),
      name: String(form.get("name")).trim() || file.name,
      csv: await file.text(),
    };
    await act.run(async () => {
      onRead((await api.post<BatchDetail>("/payout-batches", body)).id);
    });
  }

  return (
    <Sheet title="New batch" className="mb-6">
      <form onSubmit={submit} className="grid gap-4 sm:grid-cols-2">
        <SelectField label="From" name="wallet_id">
          {wallets.rows.map((row) => (
            <option key={row.id} value={row.id}>
              {nameOf(row)}
            </option>
          ))}
        </SelectField>
        <TextField label="Name" name="name" maxLength={100} hint="The file's name if empty" />
        <Field
          label="File"
          hint={`First line: ${EXAMPLE}. An account is its id or your name for it.`}
          error={act.problem?.messageFor("csv")}
        >
          {(wiring) => (
            <input
              {...wiring}
              type="file"
              accept=".csv,text/csv"
              required
              onChange={(event) => setFile(event.target.files?.[0] ?? null)}
            />
          )}
        </Field>
        <div className="self-end">
          <Button kind="primary" type="submit" busy={act.busy} disabled={!file}>
            Show every line
          </Button>
        </div>
        {act.problem && (
          <div className="sm:col-span-2">
            <ErrorState problem={act.problem} />
          </div>
        )}
      </form>
    </Sheet>
  );
}
