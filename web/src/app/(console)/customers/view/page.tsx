import { CustomerPage } from "@/features/crm/customer-page";

export default function Page() {
  return <CustomerPage />;
}
