import { OrdersPage } from "@/features/sales/orders-page";

export default function Page() {
  return <OrdersPage />;
}
