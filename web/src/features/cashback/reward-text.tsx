import { Money } from "@/ui/money";
import type { Terms } from "./contract";
import { percentOfRate } from "./rate";

/** What an offer gives, in a few words. */
export function RewardText({ reward }: { reward: Terms["reward"] }) {
  if (reward.kind === "percent" && reward.rate) return <>{percentOfRate(reward.rate)}</>;
  if (reward.kind === "fixed" && reward.amount) return <Money value={reward.amount} />;
  const rates = (reward.tiers ?? []).flatMap((tier) => (tier.rate ? [percentOfRate(tier.rate)] : []));
  if (rates.length > 1) return <>{`${rates[0]} to ${rates.at(-1)}`}</>;
  return <>{`${(reward.tiers ?? []).length} tiers`}</>;
}
