"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { api } from "@/client/api";
import { useIdempotencyKey } from "@/client/idempotency";
import { asProblem, type Problem } from "@/client/problem";
import { useList } from "@/client/queries";
import { Button, ButtonLink } from "@/ui/button";
import { type BalanceChange, ConfirmMoney } from "@/ui/confirm-money";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Id } from "@/ui/id";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import type { Order, Recipient, Transfer, Wallet } from "./contract";
import { limitName } from "./limit-name";
import { walletName } from "./wallet-name";

type Draft = { order: Order; recipient: Recipient; preview: Transfer };

export function SendPage() {
  const from = useSearchParams().get("from");
  const wallets = useList<Wallet>("/wallets");
  const queries = useQueryClient();
  const key = useIdempotencyKey();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<{ transfer: Transfer; recipient: Recipient } | null>(null);

  async function confirm({ order, recipient }: Draft) {
    setBusy(true);
    setProblem(null);
    try {
      const transfer = await api.post<Transfer>("/transfers", order, { idempotencyKey: key.for(order) });
      key.settle(null);
      await queries.invalidateQueries();
      setSent({ transfer, recipient });
      setDraft(null);
    } catch (error) {
      const refused = asProblem(error);
      key.settle(refused);
      setProblem(refused);
    } finally {
      setBusy(false);
    }
  }

  if (wallets.isLoading) return <Skeleton lines={6} />;
  if (wallets.error) return <ErrorState problem={wallets.error} onRetry={wallets.refetch} />;
  if (sent) return <Sent {...sent} onAgain={() => setSent(null)} />;
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title="Send money" note="You see the name and the total before anything moves" />
      <Sheet>
        <SendForm wallets={wallets.rows} from={from} onReady={setDraft} />
      </Sheet>
      {draft && (
        <ConfirmMoney
          open
          title={`Send to ${draft.recipient.display_name}`}
          amount={draft.order.amount}
          facts={factsOf(draft)}
          balances={balancesOf(draft)}
          confirmLabel={draft.order.scheduled_for ? "Schedule" : "Send now"}
          busy={busy}
          problem={problem}
          onConfirm={() => confirm(draft)}
          onClose={() => {
            setDraft(null);
            setProblem(null);
          }}
        />
      )}
    </div>
  );
}

type FormProps = { wallets: Wallet[]; from: string | null; onReady: (draft: Draft) => void };

function SendForm({ wallets, from, onReady }: FormProps) {
  const [walletId, setWalletId] = useState(from ?? wallets[0]?.id ?? "");
  const [minor, setMinor] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const key = useIdempotencyKey();
  const wallet = wallets.find((candidate) => candidate.id === walletId) ?? wallets[0];
  if (!wallet) return <p>There is no wallet to send from.</p>;

  async function check(event: FormEvent<HTMLFormElement>, source: Wallet) {
    event.preventDefault();
    if (minor === null || minor <= 0) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      const query = { from_wallet_id: source.id, query: String(form.get("recipient")).trim() };
      const recipient = await api.get<Recipient>("/transfers/recipient", query);
      const order = orderOf(form, source, recipient, minor);
      const preview = await api.post<Transfer>("/transfers", order, {
        query: { dry_run: true },
        idempotencyKey: key.for(order),
      });
      onReady({ order, recipient, preview });
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => check(event, wallet)} className="space-y-4">
      <SelectField label="From" value={wallet.id} onChange={(event) => setWalletId(event.target.value)}>
        {wallets.map((candidate) => (
          <option key={candidate.id} value={candidate.id}>
            {walletName(candidate)}
          </option>
        ))}
      </SelectField>
      <p className="text-soft">
        Available <Money value={wallet.available} className="font-medium text-ink" />
      </p>
      <TextField
        label="To"
        name="recipient"
        required
        autoComplete="off"
        hint="E-mail, phone or wallet id"
        error={problem?.messageFor("to") ?? problem?.messageFor("query")}
      />
      <MoneyInput
        key={wallet.currency}
        label="Amount"
        currency={wallet.currency}
        onChange={setMinor}
        error={problem?.messageFor("amount")}
      />
      <TextField
        label="Note"
        name="note"
        maxLength={140}
        autoComplete="off"
        hint="Optional. The receiver sees it too, and it stays in the books."
        error={problem?.messageFor("note")}
      />
      <details>
        <summary className="text-accent underline underline-offset-4">Send later</summary>
        <div className="mt-3">
          <TextField label="When" name="scheduled_for" type="datetime-local" hint="In your own time zone" />
        </div>
      </details>
      {problem && <ErrorState problem={problem} />}
      <Button kind="primary" type="submit" busy={busy} disabled={!minor} className="w-full">
        Check and continue
      </Button>
    </form>
  );
}

function orderOf(form: FormData, wallet: Wallet, recipient: Recipient, minor: number): Order {
  const later = String(form.get("scheduled_for") ?? "");
  const note = String(form.get("note") ?? "").trim();
  return {
    from_wallet_id: wallet.id,
    to: { wallet_id: recipient.wallet_id },
    amount: { amount: minor, currency: wallet.currency },
    ...(note && { note }),
    ...(later && { scheduled_for: new Date(later).toISOString() }),
  };
}

function factsOf({ order, recipient, preview }: Draft): Fact[] {
  const limits = preview.limits_left.map(
    (limit): Fact => [`${limitName(limit.kind)} after this`, <Money key={limit.kind} value={limit.left} />],
  );
  return [
    ["To", recipient.display_name],
    ...noteFact(preview),
    ["Fee", "None"],
    ["Total", <Money key="total" value={order.amount} />],
    ...limits,
  ];
}

function noteFact({ note }: Transfer): Fact[] {
  return note ? [["Note", note]] : [];
}

function balancesOf({ order, preview }: Draft): BalanceChange[] {
  const after = preview.balance_after;
  if (!after) return [];
  return [{ name: "Your wallet", before: { ...after, amount: after.amount + order.amount.amount }, after }];
}

type SentProps = { transfer: Transfer; recipient: Recipient; onAgain: () => void };

function Sent({ transfer, recipient, onAgain }: SentProps) {
  const wallet = `/wallets/activity/?id=${transfer.from_wallet_id}`;
  const activity = transfer.entry_id ? `${wallet}&entry=${transfer.entry_id}` : wallet;
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title={transfer.state === "scheduled" ? "Scheduled" : "Sent"} />
      <Sheet>
        <div role="status" className="py-4 text-center">
          <State state={transfer.state} />
          <p className="mt-3 text-xl">
            <Money value={transfer.amount} href={activity} />
          </p>
          <p className="text-soft">to {recipient.display_name}</p>
        </div>
        <Facts facts={[...noteFact(transfer), ["Transfer", <Id key="id" value={transfer.id} />]]} />
        <div className="mt-4 flex flex-wrap justify-center gap-2">
          <Button onClick={onAgain}>Send again</Button>
          <ButtonLink href={activity}>{transfer.entry_id ? "See the entry" : "See what is planned"}</ButtonLink>
          <ButtonLink href="/wallets/" kind="primary">
            Done
          </ButtonLink>
        </div>
      </Sheet>
    </div>
  );
}
