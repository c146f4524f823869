import { SourcesPage } from "@/features/reports/sources-page";

export default function Page() {
  return <SourcesPage />;
}
