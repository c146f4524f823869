import { StockPage } from "@/features/stock/stock-page";

export default function Page() {
  return <StockPage />;
}
