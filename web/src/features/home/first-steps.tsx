"use client";

import { Check } from "lucide-react";
import type { FormEvent, ReactNode } from "react";
import { api } from "@/client/api";
import { useList } from "@/client/queries";
import type { Schemas } from "@/client/schemas";
import { useCan, useSession } from "@/features/identity/session";
import { useAction } from "@/features/identity/step-up";
import type { PaymentRow } from "@/features/payments/contract";
import { CreatePayment } from "@/features/payments/create-payment";
import { useConnections } from "@/features/providers/use-connections";
import { Button, ButtonLink } from "@/ui/button";
import { classes } from "@/ui/classes";
import { ErrorState } from "@/ui/error-state";
import { TextField } from "@/ui/field";
import { Sheet } from "@/ui/sheet";

type Step = { title: string; why: string; done: boolean; act: ReactNode };

const ONE = { limit: 1 };

/** The way from nothing to the first paid payment, shown until there is one. Steps the reader may not do are left out. */
export function FirstSteps() {
  const payments = useList<PaymentRow>("/payments", ONE);
  const paid = useList<PaymentRow>("/payments", { ...ONE, status: "paid" });
  const steps = [...useFoundation(), ...useFirstPayment(payments.rows[0])];
  if (payments.isLoading || paid.isLoading || payments.error || paid.error || paid.rows.length > 0) return null;
  const next = steps.findIndex((step) => !step.done);
  return (
    <Sheet title="Your first payment" flush>
      <ol className="divide-y divide-rule">
        {steps.map((step, at) => (
          <StepLine key={step.title} step={step} number={at + 1} isNext={at === next} />
        ))}
      </ol>
    </Sheet>
  );
}

function StepLine({ step, number, isNext }: { step: Step; number: number; isNext: boolean }) {
  return (
    <li
      aria-current={isNext ? "step" : undefined}
      className={classes("flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-4", isNext && "bg-accent-soft")}
    >
      <span
        className={classes(
          "flex size-7 shrink-0 items-center justify-center rounded-full border text-xs",
          step.done ? "border-success bg-success-back text-success" : "border-rule-strong",
        )}
      >
        {step.done ? <Check size={14} aria-hidden="true" /> : number}
      </span>
      <div className="min-w-0 flex-1 basis-60">
        <h3 className="text-sm">
          {step.title}
          {step.done && <span className="sr-only"> (done)</span>}
        </h3>
        <p className="mt-0.5 text-soft">{step.why}</p>
      </div>
      {!step.done && <div className="no-print">{step.act}</div>}
    </li>
  );
}

// What a platform needs before anything can be asked for: who collects, through whom, and a key for programs.
function useFoundation(): Step[] {
  const { party_id: own, tenant } = useSession();
  const can = useCan();
  const merchants = useList<Schemas["PartyOut"]>("/parties", { role: "merchant", limit: 1 }, can("parties:write"));
  const connections = useConnections(can("providers:write"));
  const keys = useList<Schemas["ApiKeyOut"]>("/api-keys", ONE, can("api_keys:read"));
  const steps: [boolean, Step][] = [
    [
      own === null && can("parties:write"),
      {
        title: "Name who collects the money",
        why: "A merchant is a shop or company; its payments go into its wallet.",
        done: merchants.rows.length > 0,
        act: <NewMerchant />,
      },
    ],
    [
      // A sandbox comes with the simulator.
      tenant.mode !== "sandbox" && can("providers:write"),
      {
        title: "Connect a payment provider",
        why: "It carries the money. Its credentials are sent to the API once and never shown again.",
        done: (connections.data?.length ?? 0) > 0,
        act: <ButtonLink href="/developers/reference/?tag=Providers">How to connect</ButtonLink>,
      },
    ],
    [
      can("api_keys:write"),
      {
        title: "Make an API key",
        why: "Your programs say with it who they are. To try things by hand you can do without.",
        done: keys.rows.length > 0,
        act: <ButtonLink href="/developers/keys/">API keys</ButtonLink>,
      },
    ],
  ];
  return steps.filter(([isTheirs]) => isTheirs).map(([, step]) => step);
}

function useFirstPayment(latest: PaymentRow | undefined): Step[] {
  const can = useCan();
  const payment: Step = {
    title: "Create a payment",
    why: "Ask for an amount here, or send the same request from your program.",
    done: latest !== undefined,
    act: (
      <div className="flex flex-wrap gap-2">
        <CreatePayment />
        <ButtonLink href="/developers/reference/?tag=Payments&q=create+payment">By API</ButtonLink>
      </div>
    ),
  };
  const checkout: Step = {
    title: "Open its checkout and pay",
    why: "The payment's page links to what the customer sees. In a sandbox, the simulator plays the bank and asks you how it ends.",
    done: false,
    act: latest ? (
      <ButtonLink href={`/payments/view/?id=${latest.id}`} kind="primary">
        Open the payment
      </ButtonLink>
    ) : null,
  };
  const books: Step = {
    title: "See where the money went",
    why: "Every payment is an entry in the books: debits equal credits, and each number opens.",
    done: false,
    act: can("ledger:read") ? (
      <ButtonLink href="/ledger/">The books</ButtonLink>
    ) : (
      <ButtonLink href="/wallets/">The wallet</ButtonLink>
    ),
  };
  return can("payments:create") ? [payment, checkout, books] : [checkout, books];
}

function NewMerchant() {
  const make = useAction();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    await make.run(() => api.post("/parties", { name, kind: "company", roles: ["merchant"] }));
  }

  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <TextField
        label="Name of the shop"
        name="name"
        required
        maxLength={200}
        error={make.problem?.messageFor("name")}
      />
      <Button kind="primary" type="submit" busy={make.busy}>
        Add the merchant
      </Button>
      {make.problem && <ErrorState problem={make.problem} />}
    </form>
  );
}
