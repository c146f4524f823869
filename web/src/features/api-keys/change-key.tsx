"use client";

import type { FormEvent } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import type { ApiKey } from "./contract";

/** Another name, or other addresses from which the key may be used. */
export function ChangeKey({ row, onDone }: { row: ApiKey; onDone: () => void }) {
  const change = useAction();
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const networks = String(form.get("networks"))
      .split(/[\s,]+/)
      .filter(Boolean);
    const body = { name: String(form.get("name")), networks };
    if (await change.run(() => api.patch(`/api-keys/${row.id}`, body))) onDone();
  }
  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField label="Name" name="name" required defaultValue={row.name} error={change.problem?.messageFor("name")} />
      <TextField
        label="Networks"
        name="networks"
        defaultValue={row.networks.join(", ")}
        placeholder="203.0.113.0/24"
        hint="Only from these addresses; empty means from anywhere"
        error={change.problem?.messageFor("networks")}
      />
      {change.problem && <ErrorState problem={change.problem} />}
      <Button kind="primary" type="submit" busy={change.busy} className="w-full">
        Save
      </Button>
    </form>
  );
}
