"use client";

import { Plus } from "lucide-react";
import { useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import type { Endpoint } from "./contract";
import { type EndpointBody, EndpointForm } from "./endpoint-form";

export function CreateEndpoint({ onMade }: { onMade: (endpoint: Endpoint) => void }) {
  const create = useAction();
  const post = useKeyedPost();
  const [open, setOpen] = useState(false);
  const submit = (body: EndpointBody) =>
    create.run(async () => {
      const made = await post<Endpoint>("/webhook-endpoints", body);
      setOpen(false);
      onMade(made);
    });
  return (
    <>
      <Button kind="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)}>
        New endpoint
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="New endpoint">
        <EndpointForm verb="Make the endpoint" busy={create.busy} problem={create.problem} onSubmit={submit} />
      </Dialog>
    </>
  );
}
