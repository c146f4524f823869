"use client";

import { X } from "lucide-react";
import { usePathname, useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Link } from "@/ui/link";
import type { SharedView } from "./contract";

type Props = { screen: "pipeline" | "customers" };

/** Filters under names, for oneself or for everybody here; each is a link. */
export function SharedViews({ screen }: Props) {
  const pathname = usePathname();
  const search = useSearchParams().toString();
  const mayWrite = useCan()("crm:write");
  const views = useThing<{ data: SharedView[] }>("/crm/views", { screen });
  const forget = useAction();
  const kept = views.data?.data ?? [];
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {kept.map((view) => (
        <span key={view.id} className="inline-flex items-center rounded-full border border-rule text-xs">
          <Link href={`${pathname}?${String(view.query.search ?? "")}`} className="px-3 py-1 hover:underline">
            {view.name}
            {view.is_shared && <span className="text-soft"> · shared</span>}
          </Link>
          {view.is_mine && (
            <button
              type="button"
              aria-label={`Forget the view ${view.name}`}
              onClick={() => void forget.run(() => api.delete(`/crm/views/${view.id}`))}
              className="rounded-full p-1.5 text-soft hover:text-ink"
            >
              <X size={12} aria-hidden="true" />
            </button>
          )}
        </span>
      ))}
      {mayWrite && search !== "" && <KeepView screen={screen} search={search} />}
    </div>
  );
}

function KeepView({ screen, search }: Props & { search: string }) {
  const [open, setOpen] = useState(false);
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { screen, name: form.get("name"), query: { search }, is_shared: form.get("is_shared") === "on" };
    if (await act.run(() => api.post("/crm/views", body))) setOpen(false);
  }

  return (
    <>
      <Button kind="quiet" onClick={() => setOpen(true)}>
        Save this view
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="Save this view">
        <form onSubmit={submit} className="space-y-4">
          <TextField label="Name" name="name" required maxLength={80} />
          <label className="flex items-center gap-2">
            <input type="checkbox" name="is_shared" /> Colleagues see it too
          </label>
          {act.problem && <ErrorState problem={act.problem} />}
          <Button kind="primary" type="submit" busy={act.busy} className="w-full">
            Save the view
          </Button>
        </form>
      </Dialog>
    </>
  );
}
