import { WithdrawPage } from "@/features/payouts/withdraw-page";

export default function Page() {
  return <WithdrawPage />;
}
