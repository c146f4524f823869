"use client";

import { Zap } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Thing } from "@/features/names/names";
import type { Delivery, Endpoint } from "@/features/webhooks/contract";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import { overridesOf } from "./overrides";

type Triggered = Schemas["TriggeredOut"];

/** In a sandbox any kind of event: caused for real where requests cause it, as an example to an endpoint otherwise. */
export function TriggerButton() {
  const { tenant } = useSession();
  const [open, setOpen] = useState(false);
  if (tenant.mode !== "sandbox") return null;
  return (
    <>
      <Button icon={<Zap size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Trigger
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Trigger an event"
        description="Only a sandbox can do this; live events happen by themselves"
      >
        {open && <Choice />}
      </Dialog>
    </>
  );
}

function Choice() {
  const types = useThing<Schemas["EventTypesOut"]>("/event-types");
  const real = useThing<Schemas["TriggersOut"]>("/sandbox/triggers");
  const [kind, choose] = useState("payment.paid");
  const problem = types.error ?? real.error;
  if (problem)
    return <ErrorState problem={problem} onRetry={() => void Promise.all([types.refetch(), real.refetch()])} />;
  if (!types.data || !real.data) return <Skeleton />;
  const isReal = real.data.data.includes(kind);
  const others = types.data.data.map((type) => type.name).filter((name) => !real.data.data.includes(name));
  return (
    <div className="space-y-4">
      <SelectField label="Event" value={kind} onChange={(event) => choose(event.target.value)}>
        <optgroup label="Happens for real">
          {real.data.data.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </optgroup>
        <optgroup label="Sent as an example">
          {others.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </optgroup>
      </SelectField>
      {isReal ? <ForReal key={kind} kind={kind} /> : <AsExample key={kind} kind={kind} />}
    </div>
  );
}

function ForReal({ kind }: { kind: string }) {
  const act = useAction();
  const [made, setMade] = useState<Triggered | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = { event: kind, override: overridesOf(String(new FormData(event.currentTarget).get("override"))) };
    await act.run(async () => setMade(await api.post<Triggered>("/sandbox/triggers", body)));
  }

  const about = made?.object.id ?? made?.object.entry_id;
  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-soft">
        By the requests that would cause it anywhere, with your own permissions. Webhooks, books and pages follow.
      </p>
      <TextField
        label="Other values"
        name="override"
        autoComplete="off"
        hint="Such as amount=1500 currency=JPY; may stay empty"
        error={act.problem?.messageFor("override")}
      />
      {act.problem && <ErrorState problem={act.problem} />}
      <p role="status" className="empty:hidden">
        {made && !act.busy && (
          <>
            Done: {typeof about === "string" ? <Thing id={about} /> : kind}
            {typeof made.object.status === "string" && ` is ${made.object.status.replaceAll("_", " ")}`}
          </>
        )}
      </p>
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Make it happen
      </Button>
    </form>
  );
}

function AsExample({ kind }: { kind: string }) {
  const router = useRouter();
  const can = useCan();
  const act = useAction();
  const endpoints = useThing<{ data: Endpoint[] }>(can("webhooks:read") ? "/webhook-endpoints" : null);
  if (endpoints.error) return <ErrorState problem={endpoints.error} onRetry={() => endpoints.refetch()} />;
  if (endpoints.isLoading) return <Skeleton />;
  const found = endpoints.data?.data ?? [];
  if (found.length === 0) {
    return (
      <div className="space-y-3">
        <p className="text-soft">
          No requests by themselves cause this event. Its example can be sent to a webhook endpoint, and there is none.
        </p>
        {can("webhooks:read") && <ButtonLink href="/developers/webhooks/">Webhooks</ButtonLink>}
      </div>
    );
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const endpoint = String(new FormData(event.currentTarget).get("endpoint"));
    void act.run(async () => {
      const sent = await api.post<Delivery>(`/webhook-endpoints/${encodeURIComponent(endpoint)}/test`, { type: kind });
      router.push(`/developers/webhooks/delivery/?id=${sent.id}`);
    });
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-soft">
        No requests by themselves cause this event, so its example is sent and nothing happens here.
      </p>
      <SelectField label="To" name="endpoint">
        {found.map((endpoint) => (
          <option key={endpoint.id} value={endpoint.id}>
            {endpoint.url}
          </option>
        ))}
      </SelectField>
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} className="w-full">
        Send the example
      </Button>
    </form>
  );
}
