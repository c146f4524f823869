import { CustomerMoneyPage } from "@/features/billing/customer-money-page";

export default function Page() {
  return <CustomerMoneyPage />;
}
