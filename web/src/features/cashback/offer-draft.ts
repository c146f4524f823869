import type { Amount } from "@/lib/money";
import type { TermsIn } from "./contract";
import { rateOfPercent } from "./rate";

export type TierDraft = { key: number; since: number | null; percent: string };

/** The form of a new offer as it is typed; amounts in minor units. */
export type OfferDraft = {
  kind: "percent" | "fixed" | "tiers";
  percent: string;
  fixed: number | null;
  tiers: TierDraft[];
  minimum: number | null;
  capPurchase: number | null;
  capUser: number | null;
  capTotal: number | null;
  endsOn: string;
  returnDays: string;
  expiryDays: string;
  priority: string;
  stacking: "exclusive" | "stackable";
  clawback: "debt" | "floor";
  audience: "everyone" | "referred" | "referrer";
};

export const EMPTY: OfferDraft = {
  kind: "percent",
  percent: "5",
  fixed: null,
  tiers: [{ key: 1, since: null, percent: "" }],
  minimum: null,
  capPurchase: null,
  capUser: null,
  capTotal: null,
  endsOn: "",
  returnDays: "14",
  expiryDays: "",
  priority: "100",
  stacking: "exclusive",
  clawback: "debt",
  audience: "everyone",
};

/** The terms the API takes, or null while what is typed is not enough. */
export function termsOf(draft: OfferDraft, currency: string): TermsIn | null {
  const money = (minor: number | null): Amount | null => (minor ? { amount: minor, currency } : null);
  const reward = rewardOf(draft, currency);
  const [returnDays, expiryDays, priority] = [draft.returnDays, draft.expiryDays || "1", draft.priority].map(Number);
  if (!reward || returnDays === undefined || priority === undefined) return null;
  if (!Number.isInteger(returnDays) || !Number.isInteger(expiryDays) || !Number.isInteger(priority)) return null;
  return {
    currency,
    reward,
    minimum: money(draft.minimum),
    ends_at: draft.endsOn ? endOfDay(draft.endsOn) : null,
    cap_purchase: money(draft.capPurchase),
    cap_user: money(draft.capUser),
    cap_total: money(draft.capTotal),
    priority,
    stacking: draft.stacking,
    return_days: returnDays,
    expiry_days: draft.expiryDays ? Number(draft.expiryDays) : null,
    clawback: draft.clawback,
    audience: draft.audience,
  };
}

function rewardOf(draft: OfferDraft, currency: string): TermsIn["reward"] | null {
  if (draft.kind === "fixed") {
    return draft.fixed ? { kind: "fixed", amount: { amount: draft.fixed, currency }, tiers: [] } : null;
  }
  if (draft.kind === "percent") {
    const rate = rateOfPercent(draft.percent);
    return rate ? { kind: "percent", rate, tiers: [] } : null;
  }
  const tiers = draft.tiers.map(({ since, percent }) => ({
    since: { amount: since ?? 0, currency },
    rate: rateOfPercent(percent),
  }));
  return tiers.every(({ rate }) => rate) ? { kind: "tiers", tiers } : null;
}

/** The first moment after a day of the reader's calendar, which is the first that is too late. */
function endOfDay(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + 1).toISOString();
}
