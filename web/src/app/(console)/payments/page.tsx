import { PaymentsPage } from "@/features/payments/payments-page";

export default function Page() {
  return <PaymentsPage />;
}
