import { RecurringPage } from "@/features/billing/recurring-page";

export default function Page() {
  return <RecurringPage />;
}
