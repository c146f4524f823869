"use client";

import { useState } from "react";
import { useKeyedPost } from "@/client/keyed-post";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { OverlapField } from "@/ui/overlap-field";
import type { Endpoint } from "./contract";

type Props = { endpointId: string; onRotated: (endpoint: Endpoint) => void };

export function RotateForm({ endpointId, onRotated }: Props) {
  const rotate = useAction();
  const post = useKeyedPost();
  const [hours, setHours] = useState("24");
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        const body = { overlap_hours: Number(hours) };
        void rotate.run(async () =>
          onRotated(await post<Endpoint>(`/webhook-endpoints/${endpointId}/rotate-secret`, body)),
        );
      }}
    >
      <OverlapField value={hours} onChange={setHours} />
      {rotate.problem && <ErrorState problem={rotate.problem} />}
      <Button kind="primary" type="submit" busy={rotate.busy} className="w-full">
        Make a new secret
      </Button>
    </form>
  );
}
