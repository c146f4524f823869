import { PayoutsPage } from "@/features/payouts/payouts-page";

export default function Page() {
  return <PayoutsPage />;
}
