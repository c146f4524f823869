import { InvoicesPage } from "@/features/billing/invoices-page";

export default function Page() {
  return <InvoicesPage />;
}
