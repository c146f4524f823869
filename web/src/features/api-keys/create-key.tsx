"use client";

import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { CheckList } from "@/ui/check-list";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { type ApiKey, grantable } from "./contract";

type Props = { onMade: (key: ApiKey) => void };

export function CreateKey({ onMade }: Props) {
  const [open, setOpen] = useState(false);
  const made = (key: ApiKey) => {
    setOpen(false);
    onMade(key);
  };
  return (
    <>
      <Button kind="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        New key
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="New API key" description="Give it only what its program needs">
        <CreateForm onMade={made} />
      </Dialog>
    </>
  );
}

function CreateForm({ onMade }: Props) {
  const { permissions } = useSession();
  const create = useAction();
  const [noneChosen, setNoneChosen] = useState(false);
  const { problem } = create;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = {
      name: form.get("name"),
      permissions: form.getAll("permissions"),
      networks: String(form.get("networks"))
        .split(/[\s,]+/)
        .filter(Boolean),
      expires_in_days: Number(form.get("days")),
    };
    setNoneChosen(body.permissions.length === 0);
    if (body.permissions.length === 0) return;
    void create.run(async () => onMade(await api.post<ApiKey>("/api-keys", body)));
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label="Name"
        name="name"
        required
        hint="The program or machine that will hold it"
        error={problem?.messageFor("name")}
      />
      <CheckList
        legend="May do"
        name="permissions"
        options={grantable(permissions).map((name) => [name, <code key={name}>{name}</code>])}
      />
      {noneChosen && (
        <p role="alert" className="text-failed text-xs">
          Choose at least one permission
        </p>
      )}
      <TextField
        label="Networks"
        name="networks"
        placeholder="203.0.113.0/24"
        hint="Only from these addresses; empty means from anywhere"
        error={problem?.messageFor("networks")}
      />
      <SelectField label="Ends" name="days" defaultValue="365">
        <option value="30">After 30 days</option>
        <option value="90">After 90 days</option>
        <option value="365">After a year</option>
      </SelectField>
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={create.busy} className="w-full">
        Make the key
      </Button>
    </form>
  );
}
