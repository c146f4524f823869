import { InstallmentsPage } from "@/features/installments/installments-page";

export default function Page() {
  return <InstallmentsPage />;
}
