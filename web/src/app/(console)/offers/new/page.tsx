import { NewOfferPage } from "@/features/cashback/new-offer-page";

export default function Page() {
  return <NewOfferPage />;
}
