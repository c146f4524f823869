import { RatesPage } from "@/features/exchange/rates-page";

export default function Page() {
  return <RatesPage />;
}
