"use client";

import { useState } from "react";
import type { Problem } from "@/client/problem";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { Button } from "@/ui/button";
import { CheckList } from "@/ui/check-list";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import type { Endpoint } from "./contract";

export type EndpointBody = { url: string; types: string[]; description: string };

type Props = {
  endpoint?: Endpoint;
  verb: string;
  busy: boolean;
  problem: Problem | null;
  onSubmit: (body: EndpointBody) => void;
};

/** Address and kinds of events of an endpoint; no kind chosen means all of them. */
export function EndpointForm({ endpoint, verb, busy, problem, onSubmit }: Props) {
  const types = useThing<Schemas["EventTypesOut"]>("/event-types");
  const [all, setAll] = useState(!endpoint || endpoint.types.includes("*"));
  if (types.error) return <ErrorState problem={types.error} onRetry={() => types.refetch()} />;
  if (!types.data) return <Skeleton />;
  // A pattern such as `payment.*` was set by the API; it stays choosable beside the names.
  const names = types.data.data.map((type) => type.name);
  const patterns = (endpoint?.types ?? []).filter((type) => type !== "*" && !names.includes(type));

  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const chosen = all ? [] : form.getAll("types").map(String);
        onSubmit({
          url: String(form.get("url")),
          types: chosen.length > 0 ? chosen : ["*"],
          description: String(form.get("description")),
        });
      }}
    >
      <TextField
        label="Address"
        name="url"
        type="url"
        required
        defaultValue={endpoint?.url}
        placeholder="https://"
        error={problem?.messageFor("url")}
      />
      <TextField label="Description" name="description" defaultValue={endpoint?.description} />
      <label className="flex items-center gap-2">
        <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
        Every event, also kinds that come later
      </label>
      {!all && (
        <CheckList
          legend="Only these events"
          name="types"
          checked={endpoint?.types}
          options={[...patterns, ...names].map((name) => [name, <code key={name}>{name}</code>])}
        />
      )}
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} className="w-full">
        {verb}
      </Button>
    </form>
  );
}
