import { BeneficiariesPage } from "@/features/payouts/beneficiaries-page";

export default function Page() {
  return <BeneficiariesPage />;
}
