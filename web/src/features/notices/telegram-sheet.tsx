"use client";

import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useAction } from "@/features/identity/step-up";
import { Button } from "@/ui/button";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";
import { State } from "@/ui/state";
import type { Wishes } from "./contract";

const PATH = "/notice-settings";

/** The chat in which Telegram notices arrive: linked, linked anew, or forgotten. */
export function TelegramSheet({ wishes }: { wishes: Wishes }) {
  const forget = useAction();
  const state = wishes.has_telegram_chat ? "linked" : "not_linked";
  return (
    <Sheet title="Telegram" actions={<State state={state} tone={wishes.has_telegram_chat ? "success" : "neutral"} />}>
      {wishes.telegram_available ? (
        <LinkForm again={wishes.has_telegram_chat} />
      ) : (
        <p className="text-soft">This installation has no Telegram bot; whoever runs it can set one up.</p>
      )}
      {wishes.has_telegram_chat && (
        <div className="mt-4 space-y-3 border-rule border-t pt-4">
          {forget.problem && <ErrorState problem={forget.problem} />}
          <Button
            kind="danger"
            busy={forget.busy}
            onClick={() => forget.run(() => api.put(PATH, { telegram_chat: "" }))}
          >
            Forget the chat
          </Button>
        </div>
      )}
    </Sheet>
  );
}

function LinkForm({ again }: { again: boolean }) {
  const link = useAction();
  const [done, setDone] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const chat = String(new FormData(form).get("telegram_chat")).trim();
    const linked = await link.run(() => api.put(PATH, { telegram_chat: chat }));
    setDone(linked);
    if (linked) form.reset();
  }

  return (
    <form onSubmit={submit} className="space-y-4">
      <ol className="list-decimal space-y-1 pl-5">
        <li>
          Write <code>/start</code> to this installation's bot: a bot may not write first.
        </li>
        <li>
          Ask a bot such as <code>@userinfobot</code> for your chat's number and type it here.
        </li>
        <li>Tick Telegram above for what you want to get there.</li>
      </ol>
      <TextField
        label={again ? "Number of another chat" : "Number of the chat"}
        name="telegram_chat"
        inputMode="numeric"
        pattern="-?[0-9]{1,20}"
        required
        hint="Digits; a group's number begins with a minus. It is kept sealed and not shown again."
        error={link.problem?.messageFor("telegram_chat")}
      />
      {link.problem && <ErrorState problem={link.problem} />}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" busy={link.busy}>
          Link
        </Button>
        {done && <p role="status">Linked.</p>}
      </div>
    </form>
  );
}
