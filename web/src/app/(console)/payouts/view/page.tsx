import { PayoutPage } from "@/features/payouts/payout-page";

export default function Page() {
  return <PayoutPage />;
}
