import { DeliveryPage } from "@/features/webhooks/delivery-page";

export default function Page() {
  return <DeliveryPage />;
}
