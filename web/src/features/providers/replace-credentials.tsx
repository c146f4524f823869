"use client";

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import type { ConnectionDetail, Dialect } from "./contract";
import { CredentialFields, credentialsOf } from "./credential-fields";

type Props = { connection: ConnectionDetail; dialect: Dialect };

/** New credentials of the same account, when the provider has handed out others. */
export function ReplaceCredentials({ connection, dialect }: Props) {
  const queries = useQueryClient();
  const act = useAction();
  const [open, setOpen] = useState(false);
  const path = `/connections/${encodeURIComponent(connection.id)}`;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const credentials = credentialsOf(dialect, connection.environment, new FormData(event.currentTarget));
    await act.run(async () => {
      await api.patch(path, { credentials });
      await queries.invalidateQueries({ queryKey: [path] });
      setOpen(false);
    });
  }

  // The simulator makes its own.
  if (connection.environment === "simulator") return null;
  if (!open) return <Button onClick={() => setOpen(true)}>Replace the credentials</Button>;
  return (
    <form onSubmit={submit} className="space-y-3">
      <h3 className="text-sm">New credentials</h3>
      <p className="text-soft text-sm">
        All of them, of the same account. The callback address stays; callbacks signed with a former secret are refused
        from then on.
      </p>
      <CredentialFields dialect={dialect} />
      {act.problem && <ErrorState problem={act.problem} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" busy={act.busy}>
          Replace them
        </Button>
        <Button kind="quiet" disabled={act.busy} onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
