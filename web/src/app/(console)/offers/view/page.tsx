import { OfferPage } from "@/features/cashback/offer-page";

export default function Page() {
  return <OfferPage />;
}
