import { QuotesPage } from "@/features/sales/quotes-page";

export default function Page() {
  return <QuotesPage />;
}
