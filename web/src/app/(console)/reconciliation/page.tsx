import { ReconciliationPage } from "@/features/reconciliation/reconciliation-page";

export default function Page() {
  return <ReconciliationPage />;
}
