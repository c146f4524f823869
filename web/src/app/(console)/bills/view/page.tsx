import { BillPage } from "@/features/payables/bill-page";

export default function Page() {
  return <BillPage />;
}
