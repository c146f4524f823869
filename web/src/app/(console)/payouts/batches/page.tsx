import { BatchesPage } from "@/features/payouts/batches-page";

export default function Page() {
  return <BatchesPage />;
}
