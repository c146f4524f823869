import { PriceListsPage } from "@/features/catalogue/price-lists-page";

export default function Page() {
  return <PriceListsPage />;
}
