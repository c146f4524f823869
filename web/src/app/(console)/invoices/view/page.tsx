import { InvoicePage } from "@/features/billing/invoice-page";

export default function Page() {
  return <InvoicePage />;
}
