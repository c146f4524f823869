import { SellGoodsPage } from "@/features/purchases/sell-goods-page";

export default function Page() {
  return <SellGoodsPage />;
}
