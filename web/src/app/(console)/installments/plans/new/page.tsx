import { NewPlanPage } from "@/features/installments/new-plan-page";

export default function Page() {
  return <NewPlanPage />;
}
