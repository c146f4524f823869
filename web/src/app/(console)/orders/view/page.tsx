import { OrderPage } from "@/features/sales/order-page";

export default function Page() {
  return <OrderPage />;
}
