import { QuotePage } from "@/features/sales/quote-page";

export default function Page() {
  return <QuotePage />;
}
