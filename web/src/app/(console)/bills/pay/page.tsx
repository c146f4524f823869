import { PayBillsPage } from "@/features/payables/pay-bills-page";

export default function Page() {
  return <PayBillsPage />;
}
