import type { LucideIcon } from "lucide-react";
import {
  Activity,
  ArrowLeftRight,
  BadgeCheck,
  Banknote,
  Bell,
  BookOpen,
  Braces,
  CalendarCheck,
  CalendarClock,
  ChartNoAxesColumn,
  CircleAlert,
  CirclePlus,
  ClipboardList,
  Clock,
  Coins,
  CreditCard,
  FileInput,
  FileSignature,
  FileText,
  HandCoins,
  HeartPulse,
  Home,
  IdCard,
  Inbox,
  Kanban,
  KeyRound,
  Landmark,
  LibraryBig,
  Link2,
  ListTree,
  LogIn,
  MessageCircleWarning,
  Package,
  Plug,
  Radio,
  ReceiptText,
  Scale,
  ScrollText,
  Send,
  ShoppingBag,
  Split,
  Tags,
  TicketPercent,
  Undo2,
  UserCog,
  UserRound,
  UsersRound,
  Wallet,
  Webhook,
} from "lucide-react";

export type Place = { href: string; name: string; icon: LucideIcon; needs?: string; go?: string };
export type PlaceGroup = { name: string; places: Place[] };

const ACCOUNT: PlaceGroup = {
  name: "You",
  places: [
    { href: "/inbox/", name: "Notices", icon: Bell },
    { href: "/account/", name: "Security and profile", icon: UserRound, go: "u" },
    { href: "/account/members/", name: "Members", icon: UserCog, needs: "members:read" },
    { href: "/account/single-sign-on/", name: "Single sign-on", icon: LogIn, needs: "tenant:write" },
  ],
};

const STAFF: PlaceGroup[] = [
  {
    name: "Money",
    places: [
      { href: "/home/", name: "Home", icon: Home, go: "h" },
      { href: "/payments/", name: "Payments", icon: CreditCard, needs: "payments:read", go: "p" },
      { href: "/payment-links/", name: "Payment links", icon: Link2, needs: "payments:read", go: "l" },
      { href: "/payments/disputes/", name: "Refunds and disputes", icon: Undo2, needs: "payments:read" },
      { href: "/payments/exceptions/", name: "Exceptions", icon: CircleAlert, needs: "payments:manage", go: "x" },
      { href: "/payments/routing/", name: "Routing", icon: Split, needs: "providers:read", go: "g" },
      { href: "/wallets/", name: "Wallets", icon: Wallet, needs: "wallets:read", go: "w" },
      { href: "/payouts/", name: "Payouts", icon: Banknote, needs: "payouts:read", go: "m" },
      { href: "/settlements/", name: "Settlements", icon: HandCoins, needs: "settlements:read", go: "s" },
      { href: "/problems/", name: "Problems", icon: MessageCircleWarning, needs: "crm:read" },
      { href: "/approvals/", name: "Approvals", icon: BadgeCheck, needs: "approvals:read", go: "y" },
      { href: "/kyc/", name: "Verifications", icon: IdCard, needs: "kyc:review", go: "v" },
    ],
  },
  {
    name: "Sales",
    places: [
      { href: "/customers/", name: "Customers", icon: UsersRound, needs: "crm:read" },
      { href: "/pipeline/", name: "Pipeline", icon: Kanban, needs: "crm:read" },
      { href: "/quotes/", name: "Quotes", icon: FileSignature, needs: "billing:read" },
      { href: "/orders/", name: "Orders", icon: ClipboardList, needs: "billing:read" },
      { href: "/invoices/", name: "Invoices", icon: ReceiptText, needs: "billing:read" },
      { href: "/bills/", name: "Bills", icon: FileInput, needs: "payables:read" },
      { href: "/purchases/", name: "Purchases", icon: ShoppingBag, needs: "purchases:read" },
      { href: "/installments/", name: "Installments", icon: CalendarClock, needs: "installments:read" },
      { href: "/offers/", name: "Offers", icon: TicketPercent, needs: "cashback:read" },
      { href: "/products/", name: "Products", icon: Tags, needs: "catalogue:read" },
      { href: "/stock/", name: "Stock", icon: Package, needs: "stock:read" },
      { href: "/statements/", name: "Statements", icon: FileText, needs: "statements:read" },
    ],
  },
  {
    name: "Finance",
    places: [
      { href: "/ledger/", name: "Books", icon: BookOpen, needs: "ledger:read", go: "b" },
      { href: "/ledger/trial-balance/", name: "Trial balance", icon: ListTree, needs: "ledger:read", go: "t" },
      { href: "/reports/", name: "Reports", icon: ChartNoAxesColumn, needs: "ledger:read" },
      { href: "/reconciliation/", name: "Reconciliation", icon: Scale, needs: "reconciliation:read", go: "q" },
      { href: "/ledger/exchange-rates/", name: "Exchange rates", icon: ArrowLeftRight, needs: "ledger:read", go: "f" },
      { href: "/ledger/periods/", name: "Periods", icon: CalendarCheck, needs: "ledger:read", go: "j" },
      { href: "/audit/", name: "Audit log", icon: ScrollText, needs: "audit:read", go: "a" },
      { href: "/status/", name: "Health", icon: HeartPulse, needs: "audit:read", go: "i" },
    ],
  },
  {
    name: "Developers",
    places: [
      { href: "/developers/keys/", name: "API keys", icon: KeyRound, needs: "api_keys:read", go: "k" },
      { href: "/developers/requests/", name: "Requests", icon: Braces, needs: "requests:read", go: "r" },
      { href: "/developers/webhooks/", name: "Webhooks", icon: Webhook, needs: "webhooks:read", go: "o" },
      { href: "/developers/events/", name: "Events", icon: Radio, needs: "events:read", go: "e" },
      { href: "/developers/connections/", name: "Connections", icon: Plug, needs: "providers:read", go: "n" },
      { href: "/developers/callbacks/", name: "Callbacks", icon: Inbox, needs: "providers:read", go: "c" },
      { href: "/developers/reference/", name: "API reference", icon: LibraryBig, needs: "requests:read", go: "d" },
      { href: "/developers/clock/", name: "Sandbox clock", icon: Clock, needs: "sandbox:clock", go: "z" },
    ],
  },
  ACCOUNT,
];

const CUSTOMER: PlaceGroup[] = [
  {
    name: "Wallet",
    places: [
      { href: "/wallets/", name: "Wallet", icon: Wallet, go: "w" },
      { href: "/wallets/activity/", name: "Activity", icon: Activity, go: "a" },
      { href: "/wallets/send/", name: "Send", icon: Send, go: "s" },
      { href: "/wallets/exchange/", name: "Exchange", icon: ArrowLeftRight, go: "e" },
      { href: "/wallets/top-up/", name: "Top up", icon: CirclePlus, go: "t" },
      { href: "/invoices/", name: "Invoices", icon: ReceiptText, needs: "billing:read", go: "v" },
      { href: "/purchases/", name: "Purchases", icon: ShoppingBag, needs: "purchases:read", go: "p" },
      { href: "/cashback/", name: "Cashback", icon: Coins, needs: "cashback:read", go: "c" },
      { href: "/installments/", name: "Installments", icon: CalendarClock, needs: "installments:read", go: "i" },
      { href: "/statements/", name: "Statements", icon: FileText, needs: "statements:read", go: "d" },
      { href: "/payouts/withdraw/", name: "Withdraw", icon: Banknote, go: "m" },
      { href: "/payouts/accounts/", name: "Accounts", icon: Landmark, go: "b" },
    ],
  },
  ACCOUNT,
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
