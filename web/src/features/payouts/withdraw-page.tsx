"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/client/api";
import { useKeyedPost } from "@/client/keyed-post";
import { useList } from "@/client/queries";
import { useAction } from "@/features/identity/step-up";
import type { Wallet } from "@/features/wallets/contract";
import { useWalletName } from "@/features/wallets/wallet-name";
import { Button } from "@/ui/button";
import { ConfirmMoney } from "@/ui/confirm-money";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { SelectField, TextField } from "@/ui/field";
import { Money } from "@/ui/money";
import { MoneyInput } from "@/ui/money-input";
import { type Fact, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { AddBeneficiary } from "./add-beneficiary";
import { bankName } from "./banks";
import type { Beneficiary, Order, Payout } from "./contract";

type Draft = { order: Order; preview: Payout; wallet: Wallet; to: Beneficiary };

export function WithdrawPage() {
  const t = useTranslations("payouts");
  const from = useSearchParams().get("from");
  const wallets = useList<Wallet>("/wallets");
  const accounts = useList<Beneficiary>("/beneficiaries", { limit: 50 });
  const [draft, setDraft] = useState<Draft | null>(null);
  const usable = accounts.rows.filter(
    (row) => row.status === "verified" && new Date(row.usable_from).getTime() <= Date.now(),
  );
  const failed = wallets.error ?? accounts.error;
  if (failed) return <ErrorState problem={failed} onRetry={wallets.refetch} />;
  if (wallets.isLoading || accounts.isLoading) return <Skeleton lines={6} />;
  return (
    <div className="mx-auto max-w-[640px]">
      <PageHeader title={t("withdraw")} note={t("withdrawNote")} actions={<AddBeneficiary />} />
      {usable.length === 0 ? (
        <EmptyState
          title={t("noAccount")}
          why={accounts.rows.length > 0 ? t("noAccountYet") : t("noAccountWhy")}
          example="BCA ••••7890 · BUDI SANTOSO"
        />
      ) : (
        <Sheet>
          <WithdrawForm wallets={wallets.rows} accounts={usable} from={from} onReady={setDraft} />
        </Sheet>
      )}
      {draft && <Confirm draft={draft} onClose={() => setDraft(null)} />}
    </div>
  );
}

type FormProps = { wallets: Wallet[]; accounts: Beneficiary[]; from: string | null; onReady: (draft: Draft) => void };

function WithdrawForm({ wallets, accounts, from, onReady }: FormProps) {
  const words = useTranslations("wallets");
  const t = useTranslations("payouts");
  const nameOf = useWalletName();
  const [walletId, setWalletId] = useState(from ?? wallets[0]?.id ?? "");
  const [minor, setMinor] = useState<number | null>(null);
  const act = useAction();
  const wallet = wallets.find((row) => row.id === walletId) ?? wallets[0];
  if (!wallet) return <p>{t("noWallet")}</p>;

  async function check(event: FormEvent<HTMLFormElement>, source: Wallet) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const to = accounts.find((row) => row.id === form.get("beneficiary")) ?? accounts[0];
    if (!minor || minor <= 0 || !to) return;
    const order: Order = {
      beneficiary_id: to.id,
      wallet_id: source.id,
      amount: { amount: minor, currency: source.currency },
      reference: `withdrawal-${crypto.randomUUID().slice(0, 8)}`,
      description: String(form.get("description")).trim(),
    };
    await act.run(async () => {
      const preview = await api.post<Payout>("/payouts", order, { query: { dry_run: true } });
      onReady({ order, preview, wallet: source, to });
    });
  }

  return (
    <form onSubmit={(event) => check(event, wallet)} className="space-y-4">
      <SelectField label={words("fromWallet")} value={wallet.id} onChange={(event) => setWalletId(event.target.value)}>
        {wallets.map((row) => (
          <option key={row.id} value={row.id}>
            {nameOf(row)}
          </option>
        ))}
      </SelectField>
      <p className="text-soft">
        {words("available")} <Money value={wallet.available} className="font-medium text-ink" />
      </p>
      <SelectField label={words("toRecipient")} name="beneficiary">
        {accounts.map((row) => (
          <option key={row.id} value={row.id}>
            {`${row.label || row.holder_name} · ${bankName(row.bank_code)} ${row.number_hint}`}
          </option>
        ))}
      </SelectField>
      <MoneyInput
        label={words("amount")}
        currency={wallet.currency}
        onChange={setMinor}
        error={act.problem?.messageFor("amount")}
      />
      <TextField label={words("note")} name="description" maxLength={200} hint={t("mayStayEmpty")} />
      {act.problem && <ErrorState problem={act.problem} />}
      <Button kind="primary" type="submit" busy={act.busy} disabled={!minor} className="w-full">
        {words("checkAndContinue")}
      </Button>
    </form>
  );
}

function Confirm({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const words = useTranslations("wallets");
  const t = useTranslations("payouts");
  const router = useRouter();
  const post = useKeyedPost();
  const act = useAction();
  const { order, preview, wallet, to } = draft;
  const after = { ...wallet.available, amount: wallet.available.amount - preview.total.amount };
  const facts: Fact[] = [
    [words("toRecipient"), `${to.holder_name ?? to.label} · ${bankName(to.bank_code)} ${to.number_hint}`],
    [words("fee"), <Money key="fee" value={preview.fee} />],
    [t("leavesWallet"), <Money key="total" value={preview.total} />],
    ...(preview.status === "requested" ? [[t("approval"), t("secondPerson")] as Fact] : []),
  ];

  async function confirm() {
    await act.run(async () => {
      const made = await post<Payout>("/payouts", order);
      router.push(`/payouts/view/?id=${made.id}`);
    });
  }

  return (
    <ConfirmMoney
      open
      title={t("withdrawTo", { name: to.holder_name ?? to.label })}
      amount={order.amount}
      facts={facts}
      balances={[{ name: words("yourWallet"), before: wallet.available, after }]}
      confirmLabel={t("withdrawNow")}
      busy={act.busy}
      problem={act.problem}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
