"use client";

import { useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { PartyPicker } from "@/features/parties/party-picker";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { When } from "@/ui/when";
import type { Customer, Merge } from "./contract";

/** Lets another customer go on as this one. */
export function MergeButton({ customer }: { customer: Customer }) {
  const [open, setOpen] = useState(false);
  const [other, setOther] = useState("");
  const act = useAction();

  async function submit() {
    const path = `/crm/customers/${customer.party_id}/merge`;
    if (await act.run(() => api.post(path, { merged_id: other }))) setOpen(false);
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>Merge</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Merge another customer into ${customer.name}`}
        description="Deals, activities, notes and files come along; money stays where it is. It can be undone."
      >
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <PartyPicker
            label="The same customer as"
            fits={(row) => row.party_id !== customer.party_id && row.kind === customer.kind}
            onChange={setOther}
            error={act.problem?.messageFor("merged_id")}
          />
          {act.problem && <ErrorState problem={act.problem} />}
          <Button kind="primary" type="submit" busy={act.busy} disabled={!other} className="w-full">
            Merge into {customer.name}
          </Button>
        </form>
      </Dialog>
    </>
  );
}

/** Who goes on as this customer, and the way to take that apart. */
export function Merges({ merges, mayUndo }: { merges: Merge[]; mayUndo: boolean }) {
  const act = useAction();
  return (
    <ul className="divide-y divide-rule">
      {merges.map((merge) => (
        <li key={merge.id} className="flex flex-wrap items-center justify-between gap-2 py-2">
          <span>
            {merge.merged_name}{" "}
            <span className="text-soft text-xs">
              <When at={merge.at} />
            </span>
          </span>
          {mayUndo && (
            <Button busy={act.busy} onClick={() => act.run(() => api.post(`/crm/merges/${merge.id}/undo`))}>
              Undo the merge
            </Button>
          )}
        </li>
      ))}
      {act.problem && <ErrorState problem={act.problem} />}
    </ul>
  );
}
