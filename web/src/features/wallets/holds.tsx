"use client";

import { useTranslations } from "use-intl";
import { useThing } from "@/client/queries";
import { useCan } from "@/features/identity/session";
import { businessDay } from "@/lib/dates";
import { ErrorState } from "@/ui/error-state";
import { Id } from "@/ui/id";
import { Link } from "@/ui/link";
import { Money } from "@/ui/money";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { State } from "@/ui/state";
import { When } from "@/ui/when";
import { useZone } from "@/ui/zone";
import type { Hold } from "./contract";

/** What money is held for, by how its id begins, and where that is looked at. */
const PLACES = {
  po: { href: "/payouts/view/", name: "waitsForPayout" },
  buy: { href: "/purchases/view/", name: "waitsForPurchase" },
} as const;

/** The money of a wallet that is set aside: what for, since when, until when, and how much of it is left. */
export function Holds({ walletId }: { walletId: string }) {
  const t = useTranslations("wallets");
  const found = useThing<Hold[]>(`/wallets/${walletId}/holds`);
  return (
    <Sheet title={t("holds")} flush className="mb-6">
      {found.isPending && <Skeleton lines={2} />}
      {found.error && <ErrorState problem={found.error} onRetry={() => found.refetch()} />}
      {found.data?.length === 0 && <p className="px-4 py-3 text-soft">{t("noHolds")}</p>}
      <ul className="divide-y divide-rule">
        {found.data?.map((hold) => (
          <Held key={hold.id} hold={hold} />
        ))}
      </ul>
    </Sheet>
  );
}

function Held({ hold }: { hold: Hold }) {
  const t = useTranslations("wallets");
  const can = useCan();
  const zone = useZone();
  const history = `/wallets/activity/?id=${hold.wallet_id}&since=${businessDay(hold.placed_at, zone)}`;
  const postings = can("ledger:read") ? `/ledger/account/?id=${hold.account_id}` : history;
  return (
    <li className="flex flex-wrap items-start justify-between gap-3 px-4 py-3">
      <div className="min-w-0 space-y-1">
        <p className="break-words">
          <bdi>{hold.reason}</bdi>
        </p>
        <p className="text-soft text-xs">
          {t.rich("heldSince", { at: () => <When at={hold.placed_at} /> })}
          {" · "}
          {hold.expires_at ? t.rich("heldUntil", { at: () => <When at={hold.expires_at} /> }) : t("heldOpenEnd")}
        </p>
        <p className="text-soft text-xs">
          <WaitsFor id={hold.held_for} /> <Id value={hold.id} />
        </p>
      </div>
      <p className="flex flex-wrap items-center gap-2">
        <Money value={hold.amount} href={postings} className="font-medium" />
        <State state={hold.state} />
      </p>
    </li>
  );
}

/** A link to what ends the hold; one that nothing else ends says nothing. */
function WaitsFor({ id }: { id: string | null }) {
  const t = useTranslations("wallets");
  const place = placeOf(id);
  if (!place) return null;
  return (
    <>
      <Link href={place.href} className="underline underline-offset-4">
        {t(place.name)}
      </Link>
      {" · "}
    </>
  );
}

function placeOf(id: string | null) {
  const place = id && PLACES[id.split("_")[0] as keyof typeof PLACES];
  return place ? { href: `${place.href}?id=${id}`, name: place.name } : undefined;
}
