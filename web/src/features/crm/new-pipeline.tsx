"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { type Pipeline, stagesPage } from "./contract";

/** Adds a pipeline with the usual stages, and goes on to change them. */
export function NewPipeline() {
  const [open, setOpen] = useState(false);
  const router = useRouter();
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const body = { name: new FormData(event.currentTarget).get("name") };
    await act.run(async () => {
      const made = await api.post<Pipeline>("/crm/pipelines", body);
      setOpen(false);
      router.push(stagesPage(made.id));
    });
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>New pipeline</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="New pipeline"
        description="It begins with the usual six stages, which you change next"
      >
        <form onSubmit={submit} className="space-y-4">
          <TextField
            label="Name"
            name="name"
            required
            maxLength={80}
            autoFocus
            error={act.problem?.messageFor("name")}
          />
          {act.problem && <ErrorState problem={act.problem} />}
          <Button kind="primary" type="submit" busy={act.busy} className="w-full">
            Add the pipeline
          </Button>
        </form>
      </Dialog>
    </>
  );
}
