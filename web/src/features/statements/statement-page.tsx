"use client";

import { useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { formatPlainDay } from "@/lib/dates";
import { useFormat } from "@/messages/use-format";
import type { Say } from "@/messages/words";
import { DownloadLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ErrorState } from "@/ui/error-state";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { type Fact, Facts, PageHeader, Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { useStateWord } from "@/ui/state";
import { When } from "@/ui/when";
import { WideTable } from "@/ui/wide-table";
import { inCurrency, type Stated, type Statement, statedOf, type WalletPart } from "./contract";

const FILES = ["pdf", "csv", "json"];
/** A bank's form states accounts: without a wallet there is none. */
const FILES_OF_WALLETS = [...FILES, "camt053"];
const FIGURES = ["amount", "paid", "credited", "owed"];
const PAID_BY = {
  cashback: "byCashback",
  wallet: "byWallet",
  installments: "byInstallments",
  provider: "byProvider",
} as const;

export function StatementPage() {
  const t = useTranslations("statements");
  const id = useSearchParams().get("id");
  const found = useThing<Statement>(id ? `/statements/${encodeURIComponent(id)}` : null);
  if (!id) return <EmptyState title={t("which")} why={t("whichWhy")} />;
  if (found.error) return <ErrorState problem={found.error} onRetry={() => found.refetch()} />;
  if (!found.data) return <Skeleton lines={8} />;
  return <View statement={found.data} said={statedOf(found.data)} />;
}

type Props = { statement: Statement; said: Stated };

function View({ statement, said }: Props) {
  const t = useTranslations("statements");
  const format = useFormat();
  const day = (text: string) => formatPlainDay(text, format);
  return (
    <div className="mx-auto max-w-[60rem]">
      <PageHeader
        title={t("statement", { number: String(statement.number) })}
        note={`${day(statement.from_day)} – ${day(statement.through_day)}`}
        actions={(said.wallets.length > 0 ? FILES_OF_WALLETS : FILES).map((format) => (
          <DownloadLink key={format} href={`/api/v1/statements/${statement.id}/file?format=${format}`}>
            {format === "camt053" ? "camt.053" : format.toUpperCase()}
          </DownloadLink>
        ))}
      />
      <div className="space-y-6">
        <Sheet title={t("inAll")}>
          <Facts facts={headOf(t, statement, said)} />
        </Sheet>
        {said.wallets.map((wallet) => (
          <WalletSheet key={wallet.wallet_id} wallet={wallet} statement={statement} />
        ))}
        <Purchases statement={statement} said={said} />
        <Installments statement={statement} said={said} />
        <Invoices statement={statement} said={said} />
        <p className="break-all text-soft text-xs">{t("fingerprint", { hash: statement.sha256 })}</p>
      </div>
    </div>
  );
}

function headOf(t: Say<"statements">, statement: Statement, { cashback, installments, invoices }: Stated): Fact[] {
  const owed = installments.reduce((sum, order) => sum + order.owed, 0);
  return [
    [t("opening"), <Money key="opening" value={statement.opening} />],
    [t("closing"), <Money key="closing" value={statement.closing} className="font-medium" />],
    [t("cashbackComing"), <Money key="pending" value={inCurrency(cashback.pending, statement)} />],
    [t("cashbackToSpend"), <Money key="available" value={inCurrency(cashback.available, statement)} />],
    ...cashback.expiring.map(
      (one): Fact => [
        t("runsOutSoon"),
        <span key={one.at}>
          <Money value={inCurrency(one.amount, statement)} /> <When at={one.at} />
        </span>,
      ],
    ),
    [t("owedInParts"), <Money key="owed" value={inCurrency(owed, statement)} />],
    ...(invoices?.invoices.length ? billedIn(t, statement, invoices) : []),
  ];
}

function billedIn(t: Say<"statements">, statement: Statement, billed: NonNullable<Stated["invoices"]>): Fact[] {
  return [
    [t("openInvoices"), <Money key="open" value={inCurrency(billed.owed, statement)} />],
    [t("overdueOfThem"), <Money key="overdue" value={inCurrency(billed.overdue, statement)} />],
    [t("creditToUse"), <Money key="credit" value={inCurrency(billed.credit, statement)} />],
  ];
}

function WalletSheet({ wallet, statement }: { wallet: WalletPart; statement: Statement }) {
  const t = useTranslations("statements");
  const wordOf = useStateWord();
  const seesBooks = useCan()("ledger:read");
  const money = (minor: number) => inCurrency(minor, statement);
  const title =
    wallet.purpose === "main" ? t("wallet") : t("walletFor", { purpose: wordOf(wallet.purpose).toLowerCase() });
  return (
    <Sheet title={title} flush>
      <Table caption={t("walletCaption", { wallet: title })} head={[t("when"), t("what"), t("amount"), t("balance")]}>
        <tr className="text-soft">
          <td className="px-4 py-2" />
          <td className="px-4">{t("opening")}</td>
          <td />
          <td className="px-4 text-end">
            <Money value={money(wallet.opening)} />
          </td>
        </tr>
        {wallet.movements.map((each) => (
          <tr key={`${each.entry_id}${each.balance}`}>
            <td className="px-4 py-2 text-soft">
              <When at={each.at} />
            </td>
            <td className="px-4">{each.title}</td>
            <td className="px-4 text-end">
              <Money value={money(each.amount)} href={seesBooks ? `/ledger/entry/?id=${each.entry_id}` : undefined} />
            </td>
            <td className="px-4 text-end">
              <Money value={money(each.balance)} />
            </td>
          </tr>
        ))}
        <tr className="font-medium">
          <td className="px-4 py-2" />
          <td className="px-4">{t("closing")}</td>
          <td />
          <td className="px-4 text-end">
            <Money value={money(wallet.closing)} />
          </td>
        </tr>
      </Table>
    </Sheet>
  );
}

function Purchases({ statement, said }: Props) {
  const t = useTranslations("statements");
  const wordOf = useStateWord();
  if (said.purchases.length === 0) return null;
  return (
    <Sheet title={t("purchases")} flush>
      <Table caption={t("purchasesCaption")} head={[t("when"), t("what"), t("givenBack"), t("amount")]}>
        {said.purchases.map((one) => (
          <tr key={one.purchase_id}>
            <td className="px-4 py-2 text-soft">
              <When at={one.at} />
            </td>
            <td className="px-4 py-2">
              <Link href={`/purchases/view/?id=${one.purchase_id}`} className="hover:underline">
                {one.title}
              </Link>
              <span className="block text-soft text-xs">
                {wordOf(one.role).toLowerCase()} ·{" "}
                {one.legs.map((leg) => t(PAID_BY[leg.kind as keyof typeof PAID_BY])).join(", ")}
              </span>
            </td>
            <td className="px-4 text-end">
              <Money value={inCurrency(one.returned, statement)} />
            </td>
            <td className="px-4 text-end">
              <Money value={inCurrency(one.amount, statement)} href={`/purchases/view/?id=${one.purchase_id}`} />
            </td>
          </tr>
        ))}
      </Table>
    </Sheet>
  );
}

function Installments({ statement, said }: Props) {
  const t = useTranslations("statements");
  const format = useFormat();
  if (said.installments.length === 0) return null;
  return (
    <Sheet title={t("installments")} flush>
      <Table caption={t("installmentsCaption")} head={[t("what"), t("nextDue"), t("paid"), t("owed")]}>
        {said.installments.map((order) => (
          <tr key={order.order_id}>
            <td className="px-4 py-2">
              <Link href={`/installments/view/?id=${order.order_id}`} className="hover:underline">
                {order.title || order.order_id}
              </Link>
            </td>
            <td className="px-4 text-soft">{order.due[0] ? formatPlainDay(order.due[0].due_on, format) : "—"}</td>
            <td className="px-4 text-end">
              <Money value={inCurrency(order.paid, statement)} />
            </td>
            <td className="px-4 text-end">
              <Money value={inCurrency(order.owed, statement)} />
            </td>
          </tr>
        ))}
      </Table>
    </Sheet>
  );
}

function Invoices({ statement, said }: Props) {
  const t = useTranslations("statements");
  const format = useFormat();
  const seesInvoices = useCan()("billing:read");
  const billed = said.invoices?.invoices ?? [];
  if (billed.length === 0) return null;
  return (
    <Sheet title={t("invoices")} flush>
      <Table
        caption={t("invoicesCaption")}
        head={[t("what"), t("dueOn"), t("amount"), t("paid"), t("credited"), t("owed")]}
      >
        {billed.map((one) => {
          const href = seesInvoices ? `/invoices/view/?id=${one.invoice_id}` : undefined;
          return (
            <tr key={one.invoice_id}>
              <td className="px-4 py-2">
                {href ? (
                  <Link href={href} className="hover:underline">
                    {one.number}
                  </Link>
                ) : (
                  one.number
                )}
              </td>
              <td className="px-4 text-soft">
                {formatPlainDay(one.due_on, format)}
                {one.is_overdue && <span className="block text-xs">{t("overdue")}</span>}
              </td>
              {[one.amount, one.paid, one.credited, one.owed].map((minor, column) => (
                <td key={FIGURES[column]} className="px-4 text-end">
                  <Money value={inCurrency(minor, statement)} href={href} />
                  {FIGURES[column] === "credited" && !!one.to_credit && (
                    <span className="block whitespace-nowrap text-soft text-xs">
                      {t("hadBeenPaid")} <Money value={inCurrency(one.to_credit, statement)} href={href} />
                    </span>
                  )}
                </td>
              ))}
            </tr>
          );
        })}
      </Table>
    </Sheet>
  );
}

function Table({ caption, head, children }: { caption: string; head: string[]; children: ReactNode }) {
  return (
    <WideTable label={caption}>
      <table className="w-full">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-rule border-b text-soft text-xs">
            {head.map((name, index) => (
              <th key={name} scope="col" className={`px-4 py-2 font-normal ${index > 1 ? "text-end" : "text-start"}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-rule">{children}</tbody>
      </table>
    </WideTable>
  );
}
