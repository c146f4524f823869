import { PurchasesPage } from "@/features/purchases/purchases-page";

export default function Page() {
  return <PurchasesPage />;
}
