import { PaymentLinksPage } from "@/features/payment-links/payment-links-page";

export default function Page() {
  return <PaymentLinksPage />;
}
