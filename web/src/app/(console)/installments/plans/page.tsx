import { PlansPage } from "@/features/installments/plans-page";

export default function Page() {
  return <PlansPage />;
}
