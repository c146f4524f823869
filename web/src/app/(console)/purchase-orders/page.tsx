import { PurchaseOrdersPage } from "@/features/payables/orders-page";

export default function Page() {
  return <PurchaseOrdersPage />;
}
