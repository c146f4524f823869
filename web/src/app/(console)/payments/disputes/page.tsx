import { DisputesPage } from "@/features/payments/disputes-page";

export default function Page() {
  return <DisputesPage />;
}
