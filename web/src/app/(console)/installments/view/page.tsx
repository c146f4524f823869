import { OrderPage } from "@/features/installments/order-page";

export default function Page() {
  return <OrderPage />;
}
