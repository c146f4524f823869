"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useCan } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import { Button, ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { orderHref, type QuoteDetail, type SalesOrderDetail } from "./contract";

/** What can be done with a quote now. */
export function QuoteActions({ quote }: { quote: QuoteDetail }) {
  const can = useCan();
  return (
    <>
      <a
        href={`/api/v1/quotes/${quote.id}/pdf`}
        target="_blank"
        rel="noreferrer"
        className="inline-flex min-h-9 items-center rounded-md border border-rule-strong/60 bg-sheet px-3 py-1.5 font-medium text-sm hover:bg-well"
      >
        PDF
      </a>
      {can("billing:write") && <Steps quote={quote} />}
    </>
  );
}

function Steps({ quote }: { quote: QuoteDetail }) {
  const router = useRouter();
  const act = useAction();
  const send = () => act.run(() => api.post(`/quotes/${quote.id}/send`, {}));
  const order = async () => {
    let made: SalesOrderDetail | null = null;
    const done = await act.run(async () => {
      made = await api.post<SalesOrderDetail>(`/quotes/${quote.id}/order`, {});
    });
    if (done && made) router.push(orderHref(made));
  };
  return (
    <>
      {act.problem && <ErrorState problem={act.problem} />}
      {quote.state !== "accepted" && (
        <ButtonLink href={`/quotes/new/?id=${quote.id}`}>{quote.state === "draft" ? "Edit" : "New version"}</ButtonLink>
      )}
      {quote.state === "draft" && (
        <Button kind="primary" busy={act.busy} onClick={send}>
          Send quote
        </Button>
      )}
      {quote.state === "sent" && (
        <>
          {quote.path && <CopyLink path={quote.path} />}
          <Answer quote={quote} />
        </>
      )}
      {quote.state === "accepted" && !quote.order_id && (
        <Button kind="primary" busy={act.busy} onClick={order}>
          Make order
        </Button>
      )}
      {quote.order_id && (
        <ButtonLink kind="primary" href={orderHref({ id: quote.order_id })}>
          Open order
        </ButtonLink>
      )}
    </>
  );
}

function CopyLink({ path }: { path: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(new URL(path, window.location.origin).href);
    setCopied(true);
  };
  return <Button onClick={copy}>{isCopied ? "Copied" : "Copy link"}</Button>;
}

function Answer({ quote }: { quote: QuoteDetail }) {
  const [open, setOpen] = useState(false);
  const act = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const isYes = (event.nativeEvent as SubmitEvent).submitter?.getAttribute("value") === "accept";
    const form = new FormData(event.currentTarget);
    const said = String(form.get("said") ?? "");
    const body = isYes ? { version: quote.version, name: said } : { version: quote.version, reason: said };
    if (await act.run(() => api.post(`/quotes/${quote.id}/${isYes ? "accept" : "decline"}`, body))) setOpen(false);
  }

  return (
    <>
      <Button onClick={() => setOpen(true)}>Note answer</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Note the customer’s answer"
        description="For an answer that came by telephone or letter; it is given once"
      >
        <form onSubmit={submit} className="space-y-4">
          <TextField label="Who accepted, or why it was declined" name="said" required maxLength={120} />
          {act.problem && <ErrorState problem={act.problem} />}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" value="accept" kind="primary" busy={act.busy}>
              Accepted
            </Button>
            <Button type="submit" value="decline" busy={act.busy}>
              Declined
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
