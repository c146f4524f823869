import { BillsPage } from "@/features/payables/bills-page";

export default function Page() {
  return <BillsPage />;
}
