import { RecurringListPage } from "@/features/billing/recurring-list-page";

export default function Page() {
  return <RecurringListPage />;
}
