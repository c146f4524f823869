"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { stateWord } from "@/ui/state";
import { Unconfirmed } from "./connections-page";
import type { Connection, Dialect } from "./contract";
import { CredentialFields, credentialsOf } from "./credential-fields";

type Props = { dialects: Dialect[]; onMade: (id: string) => void };

/** Choose a provider, its environment, and type what it handed out. */
export function ConnectProvider({ dialects, onMade }: Props) {
  const queries = useQueryClient();
  const connect = useAction();
  const post = useKeyedPost();
  const [open, setOpen] = useState(false);
  const show = (next: boolean) => {
    connect.forget();
    setOpen(next);
  };
  const submit = (body: object) =>
    connect.run(async () => {
      const made = await post<Connection>("/connections", body);
      await queries.invalidateQueries({ queryKey: ["/connections"] });
      setOpen(false);
      onMade(made.id);
    });
  return (
    <>
      <Button kind="primary" icon={<Plus size={14} aria-hidden />} onClick={() => show(true)}>
        Connect a provider
      </Button>
      <Dialog
        open={open}
        onOpenChange={show}
        title="Connect a provider"
        description="What you type is sealed and never shown again"
      >
        <ConnectForm dialects={dialects} busy={connect.busy} onSubmit={submit} />
        {connect.problem && <ErrorState problem={connect.problem} />}
      </Dialog>
    </>
  );
}

type FormProps = { dialects: Dialect[]; busy: boolean; onSubmit: (body: object) => void };

function ConnectForm({ dialects, busy, onSubmit }: FormProps) {
  const choices = dialects.filter((dialect) => dialect.name !== "simulator");
  const [name, setName] = useState(choices[0]?.name ?? "");
  const [environment, setEnvironment] = useState("simulator");
  const dialect = choices.find((choice) => choice.name === name);
  if (!dialect) return null;
  const isSimulated = environment === "simulator";
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onSubmit({
      provider: dialect.name,
      name: String(form.get("name")) || dialect.title,
      priority: Number(form.get("priority")),
      credentials: credentialsOf(dialect, environment, form),
    });
  };
  return (
    <form className="space-y-4" onSubmit={send}>
      <SelectField
        label="Provider"
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setEnvironment("simulator");
        }}
      >
        {choices.map((choice) => (
          <option key={choice.name} value={choice.name}>
            {choice.title}
          </option>
        ))}
      </SelectField>
      <p className="text-soft text-sm">{dialect.about}</p>
      <Unconfirmed dialect={dialect} />
      <SelectField
        label="Environment"
        hint={isSimulated ? "Our simulator speaks this provider's dialect. You need no account there." : undefined}
        value={environment}
        onChange={(event) => setEnvironment(event.target.value)}
      >
        {dialect.environments.map((each) => (
          <option key={each} value={each}>
            {stateWord(each)}
          </option>
        ))}
      </SelectField>
      <TextField label="Name" name="name" maxLength={100} placeholder={dialect.title} />
      <TextField
        label="Priority"
        name="priority"
        type="number"
        min={-1000}
        max={1000}
        defaultValue={0}
        hint="Of several that can take a payment, the highest is asked first"
      />
      {!isSimulated && <CredentialFields dialect={dialect} />}
      <Button kind="primary" type="submit" busy={busy}>
        Connect
      </Button>
    </form>
  );
}
