import { CreditLinePage } from "@/features/installments/credit-line-page";

export default function Page() {
  return <CreditLinePage />;
}
