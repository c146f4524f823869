"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import type { Endpoint } from "./contract";
import { EndpointForm } from "./endpoint-form";
import { RecoverForm } from "./recover-form";
import { RotateForm } from "./rotate-form";
import { TestForm } from "./test-form";
import { SigningSecret } from "./webhooks-page";

type Window = "edit" | "test" | "recover" | "rotate" | "delete";

const TITLES: Record<Window, [title: string, description: string]> = {
  edit: ["Change the endpoint", "Deliveries already made keep their event"],
  test: ["Send an example", "A made-up event, signed like a real one"],
  recover: ["Send again", "Everything the endpoint missed since a moment or number"],
  rotate: ["Rotate the signing secret", "Messages are signed with both until the old one ends"],
  delete: ["Delete this endpoint?", "Nothing more is sent there; what waits is given up"],
};

export function EndpointActions({ endpoint }: { endpoint: Endpoint }) {
  const router = useRouter();
  const act = useAction();
  const [open, setOpen] = useState<Window | null>(null);
  const [rotated, setRotated] = useState<Endpoint | null>(null);
  const path = `/webhook-endpoints/${endpoint.id}`;
  const show = (next: Window | null) => {
    act.forget();
    setOpen(next);
  };
  const close = () => show(null);
  const change = async (body: object) => {
    if (await act.run(() => api.patch(path, body))) close();
  };
  const remove = async () => {
    if (await act.run(() => api.delete(path))) router.push("/developers/webhooks/");
  };
  const isOn = endpoint.state === "enabled";
  return (
    <>
      {isOn && <Button onClick={() => show("test")}>Send an example</Button>}
      {isOn && <Button onClick={() => show("recover")}>Send again since…</Button>}
      <Button busy={act.busy && open === null} onClick={() => change({ state: isOn ? "paused" : "enabled" })}>
        {isOn ? "Pause" : "Enable"}
      </Button>
      <Button onClick={() => show("edit")}>Change</Button>
      <Button onClick={() => show("rotate")}>Rotate secret</Button>
      <Button kind="danger" onClick={() => show("delete")}>
        Delete
      </Button>
      {act.problem && open === null && (
        <div className="basis-full">
          <ErrorState problem={act.problem} />
        </div>
      )}
      <Dialog
        open={open !== null}
        onOpenChange={(stays) => !stays && close()}
        title={open ? TITLES[open][0] : ""}
        description={open ? TITLES[open][1] : ""}
      >
        {open === "edit" && (
          <EndpointForm endpoint={endpoint} verb="Save" busy={act.busy} problem={act.problem} onSubmit={change} />
        )}
        {open === "test" && <TestForm endpointId={endpoint.id} />}
        {open === "recover" && <RecoverForm endpoint={endpoint} />}
        {open === "rotate" && (
          <RotateForm
            endpointId={endpoint.id}
            onRotated={(next) => {
              close();
              setRotated(next);
            }}
          />
        )}
        {open === "delete" && (
          <div className="space-y-4">
            {act.problem && <ErrorState problem={act.problem} />}
            <div className="flex justify-end gap-2">
              <Button onClick={close}>Keep it</Button>
              <Button kind="danger" busy={act.busy} onClick={remove}>
                Delete
              </Button>
            </div>
          </div>
        )}
      </Dialog>
      <SigningSecret endpoint={rotated} onClose={() => setRotated(null)} />
    </>
  );
}
