import { PaymentPage } from "@/features/payments/payment-page";

export default function Page() {
  return <PaymentPage />;
}
