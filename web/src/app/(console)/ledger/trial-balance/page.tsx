import { TrialBalancePage } from "@/features/ledger/trial-balance-page";

export default function Page() {
  return <TrialBalancePage />;
}
