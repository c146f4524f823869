import { OffersPage } from "@/features/cashback/offers-page";

export default function Page() {
  return <OffersPage />;
}
