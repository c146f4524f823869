import { PurchasePage } from "@/features/purchases/purchase-page";

export default function Page() {
  return <PurchasePage />;
}
