import { MerchantsPage } from "@/features/cashback/merchants-page";

export default function Page() {
  return <MerchantsPage />;
}
