import { ExchangePage } from "@/features/exchange/exchange-page";

export default function Page() {
  return <ExchangePage />;
}
