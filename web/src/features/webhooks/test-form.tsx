"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { SelectField } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import type { Delivery } from "./contract";

/** Sends an example and opens its delivery, where the answer appears. */
export function TestForm({ endpointId }: { endpointId: string }) {
  const router = useRouter();
  const send = useAction();
  const types = useThing<Schemas["EventTypesOut"]>("/event-types");
  if (types.error) return <ErrorState problem={types.error} onRetry={() => types.refetch()} />;
  if (!types.data) return <Skeleton />;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const type = new FormData(event.currentTarget).get("type");
    void send.run(async () => {
      const made = await api.post<Delivery>(`/webhook-endpoints/${endpointId}/test`, { type });
      router.push(`/developers/webhooks/delivery/?id=${made.id}`);
    });
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <SelectField label="Event" name="type" defaultValue="payment.paid">
        {types.data.data.map((type) => (
          <option key={type.name}>{type.name}</option>
        ))}
      </SelectField>
      {send.problem && <ErrorState problem={send.problem} />}
      <Button kind="primary" type="submit" busy={send.busy} className="w-full">
        Send the example
      </Button>
    </form>
  );
}
