import { CustomersPage } from "@/features/crm/customers-page";

export default function Page() {
  return <CustomersPage />;
}
