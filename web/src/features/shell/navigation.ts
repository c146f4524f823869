import type { LucideIcon } from "lucide-react";
import {
  Activity,
  BookOpen,
  Braces,
  CreditCard,
  HeartPulse,
  Home,
  IdCard,
  KeyRound,
  Link2,
  ListTree,
  Radio,
  ScrollText,
  Send,
  UserRound,
  Wallet,
  Webhook,
} from "lucide-react";

export type Place = { href: string; name: string; icon: LucideIcon; needs?: string; go?: string; customer?: boolean };
export type PlaceGroup = { name: string; places: Place[] };

const STAFF: PlaceGroup[] = [
  {
    name: "Business",
    places: [
      { href: "/home/", name: "Home", icon: Home, go: "h" },
      { href: "/payments/", name: "Payments", icon: CreditCard, needs: "payments:read", go: "p" },
      { href: "/payment-links/", name: "Payment links", icon: Link2, needs: "payments:create", go: "n" },
      { href: "/wallets/", name: "Wallets", icon: Wallet, needs: "wallets:read", go: "w" },
    ],
  },
  {
    name: "Finance",
    places: [
      { href: "/ledger/", name: "Books", icon: BookOpen, needs: "ledger:read", go: "b" },
      { href: "/ledger/trial-balance/", name: "Trial balance", icon: ListTree, needs: "ledger:read", go: "t" },
      { href: "/kyc/", name: "KYC", icon: IdCard, needs: "kyc:review", go: "c" },
      { href: "/audit/", name: "Audit log", icon: ScrollText, needs: "audit:read", go: "a" },
      { href: "/health/", name: "Health", icon: HeartPulse, needs: "providers:read", go: "s" },
    ],
  },
  {
    name: "Developers",
    places: [
      { href: "/developers/keys/", name: "API keys", icon: KeyRound, needs: "api_keys:read", go: "k" },
      { href: "/developers/requests/", name: "Requests", icon: Braces, needs: "requests:read", go: "r" },
      { href: "/developers/webhooks/", name: "Webhooks", icon: Webhook, needs: "webhooks:read", go: "d" },
      { href: "/developers/events/", name: "Events", icon: Radio, needs: "events:read", go: "e" },
    ],
  },
  { name: "You", places: [{ href: "/profile/", name: "Profile", icon: UserRound, go: "y" }] },
];

const CUSTOMER: PlaceGroup[] = [
  {
    name: "Wallet",
    places: [
      { href: "/wallets/", name: "Wallet", icon: Wallet, go: "w" },
      { href: "/wallets/activity/", name: "Activity", icon: Activity, go: "a" },
      { href: "/wallets/send/", name: "Send", icon: Send, go: "s" },
      { href: "/profile/", name: "Profile", icon: UserRound, go: "y" },
    ],
  },
];

/** The places somebody may go to; a group without any is left out. */
export function placesFor(role: string, permissions: string[]): PlaceGroup[] {
  const groups = role === "customer" ? CUSTOMER : STAFF;
  return groups
    .map((group) => ({
      ...group,
      places: group.places.filter((place) => !place.needs || permissions.includes(place.needs)),
    }))
    .filter((group) => group.places.length > 0);
}

/** The one place an address belongs to: the longest that it begins with. */
export function currentPlace(pathname: string, groups: PlaceGroup[]): Place | null {
  const matching = groups.flatMap((group) => group.places).filter((place) => pathname.startsWith(place.href));
  return matching.sort((one, other) => other.href.length - one.href.length)[0] ?? null;
}
