import { PeriodsPage } from "@/features/ledger/periods-page";

export default function Page() {
  return <PeriodsPage />;
}
