import { ProblemsPage } from "@/features/crm/problems-page";

export default function Page() {
  return <ProblemsPage />;
}
