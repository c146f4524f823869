import { RequestsPage } from "@/features/reports/requests-page";

export default function Page() {
  return <RequestsPage />;
}
