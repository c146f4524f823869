import { methodName } from "@/features/payments/payment-steps";
import type { Dialect, Offer } from "./contract";

const SERVICES: Record<Offer["service"], string> = {
  refunds: "Refunds",
  payouts: "Payouts",
  account_inquiry: "Asking whose account it is",
  balance: "Live balance",
  statement: "Statement",
  disputes: "Disputes",
  dispute_acceptance: "Accepting disputes",
};

/** What a provider is used for beside payments, and why not for the rest. */
export function Offers({ dialect }: { dialect: Dialect }) {
  if (dialect.name === "simulator") return null;
  const used = dialect.offers.filter((offer) => offer.offered !== "no");
  const rest = dialect.offers.filter((offer) => offer.offered === "no");
  return (
    <div className="space-y-1 text-xs">
      {used.length > 0 && (
        <ul className="list-disc pl-5 text-soft">
          {used.map((offer) => (
            <li key={offer.service}>
              <span className="text-ink">
                {SERVICES[offer.service]}
                {offer.offered === "not_live" && " (not for live money)"}
              </span>
              {offer.note && `: ${offer.note}`}
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary className="cursor-pointer text-soft">Not used for {namesOf(rest)}</summary>
        <ul className="list-disc pl-5 text-soft">
          {rest.map((offer) => (
            <li key={offer.service}>
              {SERVICES[offer.service]}: {offer.note}
            </li>
          ))}
          {dialect.keeping && dialect.methods.length > 0 && <li>Keeping ways to pay: {dialect.keeping}</li>}
        </ul>
      </details>
      {dialect.saves.length > 0 && (
        <p className="text-soft">Keeps for later: {dialect.saves.map(methodName).join(", ")}</p>
      )}
    </div>
  );
}

function namesOf(offers: Offer[]): string {
  const names = offers.map((offer) => SERVICES[offer.service].toLowerCase());
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
}
