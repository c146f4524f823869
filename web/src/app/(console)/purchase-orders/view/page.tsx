import { PurchaseOrderPage } from "@/features/payables/order-page";

export default function Page() {
  return <PurchaseOrderPage />;
}
